"""A checkpoint on disk: fetched, checked, read, and its weights made ready for a device."""
