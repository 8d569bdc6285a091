"""The window: everything a person does with the engine, without a host program.

`model` holds all logic and no Qt, `frames` brings pictures from a process of their own, `widgets` draws.
"""
