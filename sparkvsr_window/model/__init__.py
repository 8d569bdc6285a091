"""What the window shows and does, without Qt: immutable records, commands, the engine on its own threads."""
