"""One formula per file: two pictures (or one) in, a number out. Streaming and averaging live in `metrics`."""
