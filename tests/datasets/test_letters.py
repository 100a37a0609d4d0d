"""Surnames as rows of numbers."""

import numpy as np
import pytest

from nnlab.datasets import LETTERS, decode_names, encode_names, letter_names, names


def test_the_parts_are_all_names_once():
    parts = letter_names()
    assert [len(part) for part in parts] == [72_799, 8_000, 8_000]
    assert {name for part in parts for name in part} == {name.lower() for name in names("last").names}
    assert letter_names(1).test != parts.test == letter_names().test


def test_a_name_becomes_inputs_and_targets_and_comes_back():
    x, y = encode_names(["ann", "zo"], 6)
    assert x.tolist() == [[0, 1, 14, 14, 0, 0], [0, 26, 15, 0, 0, 0]]
    assert y.tolist() == [[1, 14, 14, 0, -100, -100], [26, 15, 0, -100, -100, -100]]
    assert decode_names(x) == ["ann", "zo"] == decode_names(x[:, 1:])
    assert decode_names(np.array([[0, 0, 3]])) == [""] and len(LETTERS) == 27


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: encode_names(["anna"], 4), ValueError, "at most 3 letters"),
        (lambda: encode_names(["Ann"]), ValueError, "small letters"),
        (lambda: encode_names(["o.k"]), ValueError, "small letters"),
        (lambda: encode_names("ann"), TypeError, "list of names; got str 'ann'"),
        (lambda: encode_names([b"ann"]), TypeError, "list of names"),
        (lambda: decode_names([[27]]), ValueError, "from 0 to 26"),
        (lambda: decode_names([1, 2]), ValueError, r"\(N, L\)"),
        (lambda: decode_names([[0.5]]), TypeError, "whole numbers"),
    ],
)
def test_other_names_get_a_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()
