from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sparkvsr_engine.storage.packing import pack, unpack

KINDS = st.sampled_from([np.int16, np.uint8, np.float16, np.float32, np.int64])
ARRAYS = KINDS.flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
)


@given(st.dictionaries(st.text(max_size=8), ARRAYS, max_size=4))
def test_arrays_come_back_as_they_were(arrays):
    result = unpack(pack(arrays))
    assert list(result) == list(arrays)
    for name, array in arrays.items():
        assert result[name].dtype == array.dtype
        assert result[name].tobytes() == np.ascontiguousarray(array).tobytes()
        assert result[name].shape == array.shape


def test_arrays_with_strides_are_packed_by_value():
    plain = np.arange(24, dtype=np.int16).reshape(4, 6)
    assert np.array_equal(unpack(pack({"a": plain[:, ::2].T}))["a"], plain[:, ::2].T)


def test_residuals_shrink():
    noise = np.random.default_rng(0).normal(0, 90, (64, 64)).astype(np.int16)
    assert len(pack({"a": noise})) < 0.75 * noise.nbytes


@pytest.mark.parametrize("place", [0, 20, -3])
def test_damage_is_noticed(place):
    content = bytearray(pack({"a": np.arange(1000, dtype=np.int16)}))
    content[place] ^= 0xFF
    with pytest.raises(Exception, match=r".+"):
        unpack(bytes(content))


def test_a_cut_off_file_is_noticed():
    content = pack({"a": np.arange(1000, dtype=np.int16)})
    for length in (0, 5, 40, len(content) - 1):
        with pytest.raises(Exception, match=r".+"):
            unpack(content[:length])
