"""Synthetic graphics with an exact truth at any scale: titles, bars, mattes, interfaces, CG light.

The evaluation clips are footage; these scenes show what else people feed an upscaler. Each is a pure function
of its seed, drawn by Pillow, and never stored. `scenes.draw_scene` is the door.
"""
