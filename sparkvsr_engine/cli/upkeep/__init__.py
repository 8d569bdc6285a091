"""The commands about the installation: engine, models, plugins, cache, documentation."""
