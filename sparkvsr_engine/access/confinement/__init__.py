"""Work for remote clients that the kernel keeps inside the folders they may use."""
