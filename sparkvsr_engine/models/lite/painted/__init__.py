"""What is painted on keyframes: carried to other frames past the network."""
