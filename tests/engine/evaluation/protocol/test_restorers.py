import numpy as np

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory


def test_frames_are_read_in_model_space_and_the_nearest_beyond_the_shot():
    frames = [np.full((2, 3, 3), level, np.uint8) for level in (0, 51, 102, 255)]
    reader = FramesInMemory(frames, FrameSpan(1, 3))
    result = [reader.read(frame).max() for frame in (0, 1, 2, 3)]
    np.testing.assert_allclose(result, [0.2, 0.2, 0.4, 0.4], rtol=1e-6)


def test_frames_may_keep_the_numbers_of_their_source():
    frame = np.full((2, 3, 3), 0.25, np.float32)
    assert (FramesInMemory({1001: frame}, FrameSpan(1001, 1002)).read(7) == frame).all()
