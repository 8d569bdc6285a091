"""Look at one frame under several guidances before a job is paid for.

python examples/preview_loop.py plate.%04d.png 1004 fixed.png
"""

from __future__ import annotations

import sys

import sparkvsr


def main(source: str, frame: str, picture: str) -> None:
    number = int(frame)
    with sparkvsr.connect() as engine:
        for guidance in (0.0, 0.5, 1.0):
            settings = sparkvsr.UpscaleSettings(
                scale=2, guidance=guidance, policy=sparkvsr.KeyframePolicy("manual")
            )
            preview = engine.preview(source, number, settings, keyframes={number: picture})
            result = preview.wait()
            pixels = result.pixels
            assert pixels is not None
            print(f"guidance {guidance}: {pixels.shape}, mean {pixels.mean():.1f}, {result.seconds:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
