"""A planned job carried out: shots rendered window by window, watched, stopped, finished."""
