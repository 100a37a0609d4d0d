"""What the explorers of chapter 11 compute is true."""

import numpy as np
import pytest
import torch

from nnlab.explore import formats

# ------------------------------------------------------------------------------------------------- number formats

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def many_numbers():
    """Every size that float32 knows and some beyond, both signs, exact ties between two bfloat16 and two float16."""
    rng = np.random.default_rng(0)
    spread = rng.normal(size=20_000) * 10.0 ** rng.uniform(-47, 40, 20_000)
    bits = rng.integers(0, 0x7F80_0000, 20_000, dtype=np.uint32)
    ties = [((bits >> cut << cut) | np.uint32(1 << (cut - 1))).astype(np.uint32) for cut in (16, 13)]
    floats = [b.view(np.float32).astype(np.float64) for b in (bits, *ties)]
    edges = [0.1, 1 / 3, 65504, 65519.9, 65520, 70000, 1e38, 3.39e38, 3.4e38, 1e39, 2**-24, 2**-25, 2**-149, 2**-150]
    all_positive = np.concatenate([np.abs(spread), *floats, edges])
    return np.concatenate([all_positive, -all_positive])


@pytest.mark.parametrize("name", formats.FORMATS)
def test_bits_and_values_are_pytorchs(name):
    values = many_numbers()
    with np.errstate(over="ignore"):
        theirs = torch.tensor(values.astype(np.float32)).to(DTYPES[name])
    bits = formats.to_bits(values, name)
    whole = {"float32": torch.int32}.get(name, torch.int16)
    mask = 0xFFFF_FFFF if name == "float32" else 0xFFFF
    np.testing.assert_array_equal(bits, theirs.view(whole).numpy().astype(np.int64) & mask)
    np.testing.assert_array_equal(formats.from_bits(bits, name), theirs.double().numpy())


@pytest.mark.parametrize("name", formats.FORMATS)
def test_ranges_are_pytorchs(name):
    form, info = formats.FORMATS[name], torch.finfo(DTYPES[name])
    assert (form.largest, form.normal) == (info.max, info.tiny)
    assert form.smallest == float(formats.from_bits(1, name)) == info.smallest_normal * info.eps


@pytest.mark.parametrize(
    ("digits", "power", "states"),
    [
        (5.0, -1, ("exact", "exact", "exact")),
        (1.0, -1, ("rounded", "rounded", "rounded")),
        (6.5504, 4, ("exact", "rounded", "exact")),
        (7.0, 4, ("exact", "rounded", "infinite")),
        (1.0, 38, ("rounded", "rounded", "infinite")),
        (1.0, 39, ("infinite", "infinite", "infinite")),
        (1.0, -7, ("rounded", "rounded", "subnormal")),
        (1.0, -8, ("rounded", "rounded", "zero")),
        (1.0, -40, ("subnormal", "subnormal", "zero")),
        (1.0, -46, ("zero", "zero", "zero")),
    ],
)
def test_states(digits, power, states):
    for negative in (False, True):
        found = formats.number(digits, power, negative, 1.0).plain
        assert tuple(s.state for s in found.values()) == states


def test_rounding_costs_at_most_half_a_last_bit():
    values = np.random.default_rng(1).uniform(1, 2, 5000)
    for form in formats.FORMATS.values():
        off = np.abs(formats.from_bits(formats.to_bits(values, form.name), form.name) - values) / values
        assert 0.4 * 2.0**-form.fraction < off.max() <= 0.5 * 2.0**-form.fraction


def test_the_loss_scale_is_multiply_round_divide():
    for value in (1e-8, 3.3e-7, 0.01, -2.5, 3000.0):
        for scale in formats.SCALES:
            shown = formats.stored(value, "float16", scale)
            half = (torch.tensor(value * scale, dtype=torch.float32)).half()
            assert shown.held == float(half.double() / scale)
    assert formats.number(3.0, 3, False, 65536.0).scaled.state == "infinite"


def test_256_is_the_smallest_scale_for_the_goal():
    assert formats.smallest_scale(formats.TINY) == 256
    assert formats.smallest_scale(1e-13) is None
    explorer = formats.formats_explorer()
    meets = [s for s in formats.SCALES if explorer.goal.reached(explorer.compute(power=-8, digits=1.0, scale=s))]
    assert meets == [256]
    explorer.set(**explorer.presets["1/3"])
    assert explorer.data.plain["float32"].raw == float(np.float32(1 / 3))
