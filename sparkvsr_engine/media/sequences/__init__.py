"""Pictures and numbered sequences: naming, reading, metadata, writing."""
