"""Metric weight files of the real layout with random content: formulas are tested without downloads."""

from __future__ import annotations

import numpy as np
import torch
from safetensors.numpy import save_file

ALEXNET = {0: (64, 3, 11), 3: (192, 64, 5), 6: (384, 192, 3), 8: (256, 384, 3), 10: (256, 256, 3)}
VGG16_CHANNELS = ((0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256))
VGG16_DEEPER = ((14, 256, 256), (17, 256, 512), *((layer, 512, 512) for layer in (19, 21, 24, 26, 28)))
VGG16 = {layer: (outputs, inputs, 3) for layer, inputs, outputs in (*VGG16_CHANNELS, *VGG16_DEEPER)}
ALEXNET_LEVELS = (64, 192, 384, 256, 256)
VGG16_LEVELS = (64, 128, 256, 512, 512)


def write_network(path, layers, levels, seed):
    """A safetensors file of He-initialised convolutions and positive channel weights."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for layer, (outputs, inputs, side) in layers.items():
        spread = np.sqrt(2 / (inputs * side * side))
        tensors[f"features.{layer}.weight"] = rng.normal(0, spread, (outputs, inputs, side, side))
        tensors[f"features.{layer}.bias"] = rng.normal(0, 0.05, outputs)
    for level, channels in enumerate(levels):
        tensors[f"lin{level}.weight"] = rng.uniform(0, 2, (1, channels, 1, 1))
    save_file({name: tensor.astype(np.float32) for name, tensor in tensors.items()}, path)


def write_dists(path, seed=7):
    """Random positive alpha and beta."""
    rng = np.random.default_rng(seed)
    names = ("alpha", "beta")
    torch.save({n: torch.from_numpy(rng.uniform(0, 0.2, (1, 1475, 1, 1))).float() for n in names}, path)


def write_niqe(path):
    """A model of 'undistorted photographs' with mean 1 and unit covariance, and NIQE's Gaussian window."""
    x = np.arange(-3, 4)
    line = np.exp(-(x**2) / (2 * (7 / 6) ** 2))
    window = np.outer(line, line)
    np.savez(
        path,
        mu_pris_param=np.ones((1, 36)),
        cov_pris_param=np.eye(36),
        gaussian_window=window / window.sum(),
    )


def write_all(folder):
    """Every metric weight file, random; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_network(folder / "lpips_alexnet.safetensors", ALEXNET, ALEXNET_LEVELS, seed=3)
    write_network(folder / "lpips_vgg16.safetensors", VGG16, VGG16_LEVELS, seed=5)
    write_dists(folder / "dists_alpha_beta.pt")
    write_niqe(folder / "niqe_pris_params.npz")
    return folder
