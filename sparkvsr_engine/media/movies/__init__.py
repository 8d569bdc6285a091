"""Movie files: index, exact seeking, YUV and RGB, encoding in segments, joining with audio and metadata."""
