"""How values are kept, whatever they are: files written whole, a disk cache, bounded dictionaries.

Below all rooms that hold pixels; nothing here knows what is kept.
"""
