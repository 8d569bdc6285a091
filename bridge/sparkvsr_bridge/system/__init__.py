"""What the bridge asks of the operating system: folders, locks, processes, command lines."""
