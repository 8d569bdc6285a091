"""A small network with random weights, and what runs it."""

from __future__ import annotations

import importlib.util

import pytest

from tests.fakes.lite_shots import Rendering, small_network


@pytest.fixture(scope="session")
def network():
    return small_network()


@pytest.fixture(scope="session")
def openvino_passes():
    """OpenVINO as a runner of networks; its graphs serve all tests of a size."""
    pytest.importorskip("openvino")
    from sparkvsr_engine.models.lite.networks.openvino_passes import OpenVinoRunner

    return OpenVinoRunner().passes


_BACKENDS = ["torch", *(["openvino"] if importlib.util.find_spec("openvino") else [])]


@pytest.fixture(params=_BACKENDS)
def every_backend(request, monkeypatch):
    """Renderings under each backend that is installed; named by tests that are to hold for all of them."""
    if request.param == "openvino":
        passes = request.getfixturevalue("openvino_passes")
        monkeypatch.setattr(Rendering, "passes_of", staticmethod(passes))
    return request.param
