"""Which policy places keyframes best, and whether trust predicts the error.

    python benchmarks/keyframe_policies.py CLIPS --metric-weights DIR
    python benchmarks/keyframe_policies.py clip.mp4 --frames 31 --budgets 1,3 --only policies

CLIPS: a movie, a folder of frames, or a folder of both. Truth at 1/scale is the source, truth frames are the
keyframes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from judged_clip import JudgedClip, add_clip_options, ranked
from printed_table import table

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.keyframe_choice.keyframes import choose_keyframes
from sparkvsr_engine.evaluation.protocol.clips import find_clips

POLICIES = ("adaptive", "uniform", "random", "iframe", "ends")
RANDOM_SEEDS = (0, 1, 2)


def chosen(bench: JudgedClip, policy: str, budget: int, seed: int = 0) -> list[int] | None:
    """The frames a policy takes; None where it cannot be carried out."""
    if policy == "ends":
        last = bench.span.last
        return [0] if budget == 1 else sorted({round(i * last / (budget - 1)) for i in range(budget)})
    signals = bench.signals.with_iframes(bench.iframes()) if policy == "iframe" else bench.signals
    try:
        choices = choose_keyframes(policy, budget, bench.shots, signals, (), seed)
    except InvalidSettings:
        return None
    return [choice.frame for choice in choices]


def policy_table(benches: Sequence[JudgedClip], budgets: Sequence[int]) -> str:
    """Mean PSNR-Y and LPIPS of each policy at each budget, keyframes themselves left out."""
    rows: list[list[str]] = []
    for policy in POLICIES:
        cells = [policy_cell(benches, policy, budget) for budget in budgets]
        rows.append([policy, *cells])
    return table(["PSNR-Y / LPIPS", *(f"K = {budget}" for budget in budgets)], rows)


def policy_cell(benches: Sequence[JudgedClip], policy: str, budget: int) -> str:
    seeds = RANDOM_SEEDS if policy == "random" else (0,)
    means = [
        bench.mean(frames)
        for bench in benches
        for seed in seeds
        if (frames := chosen(bench, policy, budget, seed)) and len(frames) == budget
    ]
    if not means:
        return "-"
    clip_count = len(means) // len(seeds)
    missing = "" if clip_count == len(benches) else f" ({clip_count} clips)"
    psnr, lpips = np.mean(means, 0)
    return f"{psnr:.2f} / {lpips:.4f}{missing}"


def trust_rows(bench: JudgedClip, budget: int) -> list[list[str]]:
    """How far trust predicts the error, inside frames and from frame to frame."""
    keyframes = chosen(bench, "uniform", budget) or [0]
    judged = [verdict for at, verdict in enumerate(bench.judge(keyframes)) if at not in keyframes]
    rank_correlation = float(np.nanmean([j.expected for j in judged]))
    saved = float(np.nanmean([j.saved for j in judged]))
    frames = ranked(np.array([j.trust for j in judged]), np.array([j.psnr for j in judged]))
    return [[bench.truth.name, f"{rank_correlation:.2f}", f"{saved:.2f}", f"{frames:.2f}"]]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_clip_options(parser)
    parser.add_argument("--budgets", default="1,2,3,5")
    parser.add_argument("--only", default="policies,trust")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse()
    budgets = [int(word) for word in options.budgets.split(",")]
    tables = options.only.split(",")
    benches = [JudgedClip(path, options) for path in find_clips(options.clips)]
    print(f"{len(benches)} clips, {options.frames} frames, x{options.scale}, true keyframes\n", flush=True)
    if "policies" in tables:
        print(policy_table(benches, budgets) + "\n", flush=True)
    if "trust" in tables:
        rows = [row for bench in benches for row in trust_rows(bench, 3)]
        columns = ["clip", "expected ~ true error", "trust ~ error it saves", "frames: trust ~ PSNR"]
        print(table(columns, rows) + "\n\nSpearman's rank correlation; the first two are means over frames.")


if __name__ == "__main__":
    main()
