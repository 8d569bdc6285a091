"""The curve between scene-linear light and the codes models are shown, for what has to be judged as light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


@dataclass(frozen=True)
class LightCurve:
    """encode: light to codes. decode: codes to light. Both on float32 of any shape, exact inverses."""

    encode: Callable[[Values], Values]
    decode: Callable[[Values], Values]
