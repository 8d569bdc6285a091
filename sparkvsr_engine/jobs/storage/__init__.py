"""What jobs leave on disk: the job store, content keys, the cache, finished chunks."""
