"""A restorer that returns its input, for checking a pipeline: what changes all the same, the job changed."""
