"""How far keyframes are followed, per latent slot and pixel, as planned at prediction and applied at decode.

Every entry that conditioned a window (its keyframes, a carried frame) counts most in its own slot and
fades linearly towards the next entry's. A carried frame follows the strengths and mattes of the keyframes
it stems from, so that turning one down turns it down along the whole chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.models.base import Guidance

_PIXELS_PER_LATENT = 8


@dataclass(frozen=True)
class Entry:
    """One picture that conditioned a window.

    slot: latent slot it was put in. trust: scales its part. shares: the keyframes it stems from and
    how much of it is theirs, adding up to one; a keyframe is wholly its own.
    """

    slot: int
    trust: float
    shares: Mapping[int, float]


def slot_weights(entries: Sequence[Entry], slots: int) -> NDArray[np.float32]:
    """Weight of each entry in each slot, float32 [entries, slots], adding up to one in every slot."""
    weights = np.zeros((len(entries), slots), np.float32)
    order = sorted(range(len(entries)), key=lambda index: entries[index].slot)
    places = [entries[index].slot for index in order]
    for row, index in enumerate(order):
        peak = np.zeros(len(order))
        peak[row] = 1.0
        weights[index] = np.interp(np.arange(slots), places, peak)
    return weights


def shares_at(entries: Sequence[Entry], slot: int, slots: int) -> dict[int, float]:
    """The keyframes behind a slot's picture and their parts, adding up to one; trust is not part of it.

    Args:
        entries: keyframes with their influence.
        slot: number of the slot.
        slots: how many slots.
    """
    shares: dict[int, float] = {}
    for entry, weight in zip(entries, slot_weights(entries, slots)[:, slot], strict=True):
        for keyframe, share in entry.shares.items():
            shares[keyframe] = shares.get(keyframe, 0.0) + float(weight) * share
    return {keyframe: share for keyframe, share in shares.items() if share > 0}


def guidance_map(
    entries: Sequence[Entry], guidance: Guidance, slots: int, latent_size: tuple[int, int]
) -> NDArray[np.float32]:
    """What multiplies the difference between the keyed and the blind velocity: float32 [slots, h, w].

    Args:
        entries: keyframes with their influence.
        guidance: how far keyframes count, in all and one by one.
        slots: how many slots.
        latent_size: height and width in latents, padding included; mattes are averaged over each latent's 8x8
            pixels and continued over the padding. One value wide, [slots, 1, 1], where there is no matte.
    """
    weights = slot_weights(entries, slots)
    total: NDArray[np.float32] = np.zeros((slots, 1, 1), np.float32)
    for entry, row in zip(entries, weights, strict=True):
        influence: Any = np.float32(0)
        for keyframe, share in entry.shares.items():
            matte = guidance.mattes.get(keyframe)
            spread = np.float32(1) if matte is None else latent_matte(matte, latent_size)
            influence = influence + np.float32(share * guidance.of(keyframe)) * spread
        total = total + row[:, None, None] * np.float32(entry.trust) * influence
    return total


def latent_matte(matte: NDArray[np.float32], latent_size: tuple[int, int]) -> NDArray[np.float32]:
    """A matte [H, W] averaged to [h, w] latents, its border continued over the padding."""
    height, width = (side * _PIXELS_PER_LATENT for side in latent_size)
    padding = ((0, height - matte.shape[0]), (0, width - matte.shape[1]))
    padded = np.pad(matte.astype(np.float32), padding, mode="edge")
    cells = padded.reshape(latent_size[0], _PIXELS_PER_LATENT, latent_size[1], _PIXELS_PER_LATENT)
    return cells.mean(axis=(1, 3))


def is_as_trained(entries: Sequence[Entry], guidance: Guidance) -> bool:
    """Whether this guidance is the one carried frames are taken at: 1 throughout, no mattes."""
    keyframes = {keyframe for entry in entries for keyframe in entry.shares}
    return all(guidance.of(keyframe) == 1.0 and keyframe not in guidance.mattes for keyframe in keyframes)


def to_arrays(entries: Sequence[Entry]) -> dict[str, NDArray[Any]]:
    """The entries as named arrays, for a stored prediction; `from_arrays` is the inverse."""
    keyframes = sorted({keyframe for entry in entries for keyframe in entry.shares})
    shares = [[entry.shares.get(keyframe, 0.0) for keyframe in keyframes] for entry in entries]
    return {
        "slots": np.array([entry.slot for entry in entries], np.int64),
        "trust": np.array([entry.trust for entry in entries], np.float64),
        "keyframes": np.array(keyframes, np.int64),
        "shares": np.array(shares, np.float64).reshape(len(entries), len(keyframes)),
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> list[Entry]:
    """The entries of a stored prediction."""
    keyframes = [int(keyframe) for keyframe in arrays["keyframes"]]
    return [
        Entry(int(slot), float(trust), {k: float(s) for k, s in zip(keyframes, row, strict=True) if s > 0})
        for slot, trust, row in zip(arrays["slots"], arrays["trust"], arrays["shares"], strict=True)
    ]
