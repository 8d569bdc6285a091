"""Put a network for drawn pictures or for damaged footage beside those that ship.

    python scripts/put_lite_weights.py LITE NEW -o OUT --part drawn|damaged

LITE: the file that ships. NEW: what the recipe `lite-drawn` made (drawn), or `lite-shots` (damaged). The card
of OUT is LITE's, with NEW's in place of what begins with drawn_ or damaged_.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from sparkvsr_engine.models.lite.loading import card_of, load_network, load_weights, save_weights

PARTS = ("drawn", "damaged")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lite", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, required=True)
    options = parser.parse_args()
    weights = load_weights(options.lite)
    network = load_network(options.new)
    if network.config != weights.network.config:
        parser.error(f"{options.new} holds {network.config.to_dict()}, other sizes than {options.lite}")
    card = {f"{options.part}_{name}": text for name, text in card_of(options.new).items() if name != "config"}
    is_drawn = options.part == "drawn"
    weights = replace(weights, drawn=network) if is_drawn else replace(weights, damaged=network)
    others = {
        name: text for name, text in card_of(options.lite).items() if not name.startswith(f"{options.part}_")
    }
    save_weights(weights, options.output, others | card)


if __name__ == "__main__":
    main()
