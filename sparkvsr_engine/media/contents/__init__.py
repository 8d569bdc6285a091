"""What a file holds whatever its name: by its first bytes, and by the boxes of a HEIF picture."""
