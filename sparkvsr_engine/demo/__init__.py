"""The demonstration: a few seconds of Big Buck Bunny (CC BY 3.0, Blender Foundation, peach.blender.org).

`bunny.mp4` is a quarter of the film's size; the keyframes are frames of the film itself, standing in for
an artist's.
"""
