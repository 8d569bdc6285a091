"""Builds, installs and removes the plugins, one folder per host; nothing here is shipped in a plugin.

Standard library alone, and pip for pyzmq's wheels. Used by `plugins/build.py` and the engine's command line.
"""
