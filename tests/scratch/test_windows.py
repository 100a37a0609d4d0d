"""The windows of a convolution are read with strides that NumPy does not check: they must stay in their own memory."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from nnlab.scratch.layers.conv import out_shape
from nnlab.scratch.layers.windows import Windows

PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 6), st.integers(1, 6)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=PAIRS,
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    dilation=PAIRS,
)
def test_no_window_reads_outside_its_pictures(shape, kernel, stride, padding, dilation):
    assume(all(s + 2 * p > d * (k - 1) for s, p, d, k in zip(shape[2:], padding, dilation, kernel, strict=True)))
    windows = Windows(kernel, stride, padding, dilation)
    windows.read(np.ones(shape), out_shape(np.ones(shape), kernel, stride, padding, dilation))
    for _, padded in windows._padded:
        assert end(windows._places(padded)) <= end(padded)


def end(a):
    """The address after the last entry of an array whose strides are positive."""
    return a.ctypes.data + sum((n - 1) * step for n, step in zip(a.shape, a.strides, strict=True)) + a.itemsize
