"""Sound, subtitles and data of a source on their way into the finished movie."""
