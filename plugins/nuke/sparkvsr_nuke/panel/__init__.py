"""The dock. Nothing here is imported before it is opened or a job is sent."""
