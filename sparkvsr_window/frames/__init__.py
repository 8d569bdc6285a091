"""Pictures for the screen: read by a process of their own, kept in a cache of bounded size."""
