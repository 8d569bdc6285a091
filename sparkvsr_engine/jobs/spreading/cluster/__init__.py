"""Devices of a Ray cluster, and hosts of it that share no folder with the engine."""
