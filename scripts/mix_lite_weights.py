"""Mix two networks of `lite`: the shipped ones lie between those before and those trained on graphics.

    python scripts/mix_lite_weights.py BEFORE AFTER -o OUT --blind 0.9 --keyed 0.2 [--part all|clean]

Training on graphics costs keyframes on footage a fifth of a decibel; weights between both keep most of either
(network interpolation, Wang et al., arXiv:1811.10515). The card of OUT lists what it was mixed of.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from sparkvsr_engine.models.lite.loading import card_of, load_weights, save_weights
from sparkvsr_engine.training.scenes.footage import checksum


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--blind", type=float, required=True, help="share of AFTER in the blind path, 0..1")
    parser.add_argument("--keyed", type=float, required=True, help="share of AFTER in the keyed path, 0..1")
    parser.add_argument("--part", choices=("all", "clean"), default="all", help="which network of BEFORE")
    options = parser.parse_args()
    weights = load_weights(options.before)
    network = weights.clean if options.part == "clean" else weights.network
    if network is None:
        parser.error(f"{options.before} holds no network for clean sources")
    after = load_weights(options.after).network.state_dict()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            value.copy_(
                torch.lerp(value, after[name], options.blind if name.startswith("blind") else options.keyed)
            )
    mixture = f"{options.part} of {options.before.name} {checksum(options.before)[:16]}"
    card = {**card_of(options.after), "mixed": f"blind {options.blind}, keyed {options.keyed} from {mixture}"}
    save_weights(network, options.output, card)


if __name__ == "__main__":
    main()
