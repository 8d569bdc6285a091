"""The commands that render, and those that ask about what was rendered."""
