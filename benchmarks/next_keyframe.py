"""Whether the keyframe suggested next is the best there is, by brute force.

    python benchmarks/next_keyframe.py CLIPS
    python benchmarks/next_keyframe.py clip.mp4 --frames 16 --steps 1

From three starts on each clip (a keyframe on the first frame, on the middle one, on the first and the last)
every candidate is rendered as one keyframe more, and what that adds to the others is ranked. Candidates are
every `step`-th frame there is room for, with every offset: `step` sets, of each of which the suggestion picks
one. Truth at 1/scale is the source, truth frames are the keyframes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from judged_clip import JudgedClip, add_clip_options
from printed_table import table

from sparkvsr_engine.core.keyframe_choice.keyframes import LEAST_SPACING, suggest_next
from sparkvsr_engine.evaluation.protocol.clips import find_clips


@dataclass(frozen=True)
class Verdict:
    """One suggestion among its candidates; rank: 1 is the best. share: of the best one's gain."""

    clip: str
    start: str
    suggested: int
    best: int
    rank: int
    candidates: int
    share: float

    def row(self) -> list[str]:
        figures = [self.suggested, self.best, f"{self.rank} of {self.candidates}", f"{self.share:.2f}"]
        return [self.clip, self.start, *map(str, figures)]


def starts_of(bench: JudgedClip) -> dict[str, list[int]]:
    return {"first": [0], "middle": [len(bench.span) // 2], "ends": [0, bench.span.last]}


def gain_of(bench: JudgedClip, base: Sequence[int], frame: int) -> float:
    """What one more keyframe adds to the mean PSNR-Y over all frames but keyframes of either set."""
    before, after = bench.judge(base), bench.judge([*base, frame])
    unkeyed = [at for at in bench.span if at not in base and at != frame]
    return float(np.mean([after[at].psnr - before[at].psnr for at in unkeyed]))


def judged(bench: JudgedClip, start: str, candidates: Sequence[int]) -> list[Verdict]:
    """The suggestion among these; none where there is no suggestion."""
    base = starts_of(bench)[start]
    choice = suggest_next(bench.shots, bench.signals, base, among=candidates)
    if choice is None:
        return []
    gained = {at: gain_of(bench, base, at) for at in candidates}
    order = sorted(candidates, key=gained.__getitem__, reverse=True)
    share = gained[choice.frame] / max(gained[order[0]], 1e-9)
    rank = order.index(choice.frame) + 1
    return [Verdict(bench.truth.name, start, choice.frame, order[0], rank, len(order), share)]


def verdicts(benches: Sequence[JudgedClip], step: int) -> list[Verdict]:
    """Every clip, start and set of candidates."""
    results: list[Verdict] = []
    for bench in benches:
        for start, base in starts_of(bench).items():
            away = [at for at in bench.span if all(abs(at - key) >= LEAST_SPACING for key in base)]
            for offset in range(step):
                results += judged(bench, start, away[offset::step])
    return results


def report(results: Sequence[Verdict]) -> str:
    """A table and what it comes to."""
    columns = ["clip", "keyframes", "suggested", "best", "rank", "share of the best gain"]
    hits = sum(verdict.rank <= 2 for verdict in results)
    share = float(np.mean([verdict.share for verdict in results]))
    closing = f"best or second best in {hits} of {len(results)} cases, {share:.2f} of the best gain\n"
    return f"{table(columns, [verdict.row() for verdict in results])}\n\n{closing}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_clip_options(parser)
    parser.add_argument("--steps", default=f"{LEAST_SPACING},3,1", help="frames between candidates")
    options = parser.parse_args()
    benches = [JudgedClip(path, options) for path in find_clips(options.clips)]
    print(f"{len(benches)} clips, {options.frames} frames, x{options.scale}, true keyframes\n", flush=True)
    for step in (int(word) for word in options.steps.split(",")):
        print(f"one frame in {step}\n\n" + report(verdicts(benches, step)), flush=True)


if __name__ == "__main__":
    main()
