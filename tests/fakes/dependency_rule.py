"""What an edit of keyframes changes, by the rule's own words: the measure for what is rendered again."""

from sparkvsr_engine.core.dependency import carried_from


def affected_windows(windows, old, new):
    """Indices of the windows that depend on other keyframes (frame -> digest) after an edit than before."""
    return [
        index
        for index in range(len(windows))
        if _inputs_of(windows, old, index) != _inputs_of(windows, new, index)
    ]


def _inputs_of(windows, keyframes, index):
    """All a window's prediction depends on, followed through carried frames."""
    source = carried_from(windows, index)
    carried = () if source is None else _inputs_of(windows, keyframes, source)
    return (*((frame, keyframes[frame]) for frame in windows[index].keyframes), *carried)
