"""Put a network for drawn pictures beside those that ship.

    python scripts/add_drawn_weights.py LITE DRAWN -o OUT

LITE: the file that ships. DRAWN: what the recipe `lite-drawn` made. The card of OUT is LITE's, with DRAWN's
under names that begin with drawn_.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from sparkvsr_engine.models.lite.loading import card_of, load_network, load_weights, save_weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lite", type=Path)
    parser.add_argument("drawn", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    weights = load_weights(options.lite)
    drawn = load_network(options.drawn)
    if drawn.config != weights.network.config:
        parser.error(f"{options.drawn} holds {drawn.config.to_dict()}, other sizes than {options.lite}")
    of_drawn = {f"drawn_{name}": text for name, text in card_of(options.drawn).items() if name != "config"}
    save_weights(replace(weights, drawn=drawn), options.output, card_of(options.lite) | of_drawn)


if __name__ == "__main__":
    main()
