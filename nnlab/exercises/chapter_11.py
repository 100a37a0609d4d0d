"""Chapter 11, training craft: He initialisation, clipping by norm, and a training that survives being stopped."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.stopping import (
    STEPS,
    between_two_writes,
    failed_write,
    first_difference,
    second_write,
    state_disturbs,
    what_comes_back,
)


def _drawn(objects: Any, name: str, shape: tuple[int, ...], gain: float, seed: int = 0) -> np.ndarray:
    return np.asarray(getattr(objects, name)(shape, gain, np.random.default_rng(seed)), float)


def _shape(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> tuple[int, ...]:
    return _drawn(objects, name, shape, gain).shape


def _mean(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(_drawn(objects, name, shape, gain).mean())


def _spread(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(_drawn(objects, name, shape, gain).std())


def _greatest(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(np.abs(_drawn(objects, name, shape, gain)).max())


def _share_within_one_spread(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    w = _drawn(objects, name, shape, gain)
    return float((np.abs(w - w.mean()) < w.std()).mean())


def _two_layers_alike(objects: Any, name: str, shape: tuple[int, ...]) -> bool:
    """Whether two layers drawn from one generator, one after the other, are the same."""
    rng, make = np.random.default_rng(0), getattr(objects, name)
    return bool(np.array_equal(np.asarray(make(shape, 1.0, rng)), np.asarray(make(shape, 1.0, rng))))


def _same_seed_alike(objects: Any, name: str, shape: tuple[int, ...]) -> bool:
    return bool(np.array_equal(_drawn(objects, name, shape, 1.0), _drawn(objects, name, shape, 1.0)))


def _arrays(grads: list[Any], dtype: Any = float) -> list[np.ndarray]:
    return [np.array(g, dtype) for g in grads]


def _clipped(objects: Any, grads: list[Any], max_norm: float) -> tuple[np.ndarray, ...]:
    """The network's own arrays after clipping, even if the list holds others by then."""
    mine = _arrays(grads)
    objects.clip_by_norm_(list(mine), max_norm)
    return tuple(mine)


def _clipped_float32(objects: Any, grads: list[Any], max_norm: float) -> str:
    mine = _arrays(grads, np.float32)
    objects.clip_by_norm_(list(mine), max_norm)
    return "clipped" if abs(float(np.sqrt(sum((g**2).sum() for g in mine))) - max_norm) < 1e-3 else "not clipped"


def _returned(objects: Any, grads: list[Any], max_norm: float) -> Any:
    return objects.clip_by_norm_(_arrays(grads), max_norm)


def _checkpointing(
    state: str = "", restore: str = "", before: str = "copy.deepcopy(", after: str = ")", save: str = ""
) -> str:
    """A source of 11.3 that leaves out some lines, or has others instead."""
    kept = {
        "model": ("run.model.state_dict()", 'run.model.load_state_dict(state["model"])'),
        "opt": ("run.opt.state_dict()", 'run.opt.load_state_dict(state["opt"])'),
        "schedule": ("run.schedule.state_dict()", 'run.schedule.load_state_dict(state["schedule"])'),
        "order": ("run.order", 'run.order = state["order"]'),
        "place": ("run.place", 'run.place = state["place"]'),
        "generator": ("run.generator.get_state()", 'run.generator.set_state(state["generator"])'),
        "torch": ("torch.get_rng_state()", 'torch.set_rng_state(state["torch"])'),
    }
    left_out = state.split()
    lines = ["import copy, os", "import torch", "def state(run):", f"    return {before}{{"]
    lines += [f'        "{name}": {get},' for name, (get, _) in kept.items() if name not in left_out]
    lines += [f"    }}{after}", "def restore(run, state):"]
    lines += [f"    {put}" for name, (_, put) in kept.items() if name not in left_out]
    lines += [f"    {restore}"] if restore else []
    lines += save.splitlines() if save else []
    return "\n".join(lines)


EXERCISES = [
    Exercise(
        id="11.1",
        title="He initialisation",
        stub='''
            def he_normal(shape, gain, rng):
                """Return normal random weights with mean 0 and spread (standard deviation) gain / sqrt(fan_in).
                shape: (fan_out, fan_in), or (out_channels, in_channels, height, width) of a convolution"""
                ...  # your code


            def he_uniform(shape, gain, rng):
                """The same mean and spread, but uniform between -bound and bound: what is bound?"""
                ...  # your code
            ''',
        hints=[
            "How many numbers does one output add up? For a convolution: how many pixels of how many channels? And how "
            "large is the spread of uniform numbers between -1 and 1?",
            """
            fan_in = product of shape[1:]
            normal:   spread = gain / sqrt(fan_in)
            uniform:  spread = bound / sqrt(3), so bound = sqrt(3) · gain / sqrt(fan_in)
            """,
            """
            def he_normal(shape, gain, rng):
                fan_in = np.prod(shape[___:])
                return rng.normal(0, ___, shape)

            def he_uniform(shape, gain, rng):
                bound = gain * np.sqrt(___ / np.prod(shape[___:]))
                return rng.uniform(___, bound, shape)
            """,
        ],
        solution="""
            def he_normal(shape, gain, rng):
                return rng.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)

            def he_uniform(shape, gain, rng):
                bound = gain * np.sqrt(3 / np.prod(shape[1:]))
                return rng.uniform(-bound, bound, shape)
            """,
        cases=[
            Case("he_normal: the shape", _shape, ("he_normal", (3, 5), 1.0), expected=(3, 5), hint=3),
            Case(
                "spread for 100 inputs, 400 outputs, gain 1",
                _spread,
                ("he_normal", (400, 100), 1.0),
                expected=0.1,
                hint=2,
                rtol=0.03,
            ),
            Case("mean", _mean, ("he_normal", (400, 100), 1.0), expected=0.0, hint=3, atol=0.004),
            Case(
                "it is normal: 68 % of the weights are within one spread",
                _share_within_one_spread,
                ("he_normal", (400, 100), 1.0),
                expected=0.683,
                hint=3,
                atol=0.02,
            ),
            Case(
                "spread with ReLU's gain",
                _spread,
                ("he_normal", (400, 100), float(np.sqrt(2))),
                expected=0.1414,
                hint=2,
                rtol=0.03,
            ),
            Case(
                "a convolution: 4 channels of 5 x 3 pixels are 60 inputs",
                _spread,
                ("he_normal", (400, 4, 5, 3), 1.0),
                expected=0.1291,
                hint=2,
                rtol=0.03,
            ),
            Case(
                "two layers drawn one after the other differ",
                _two_layers_alike,
                ("he_normal", (3, 5)),
                expected=False,
                hint=3,
            ),
            Case("the same seed, the same weights", _same_seed_alike, ("he_normal", (3, 5)), expected=True, hint=3),
            Case("he_uniform: the shape", _shape, ("he_uniform", (3, 5), 1.0), expected=(3, 5), hint=3),
            Case(
                "he_uniform: the same spread",
                _spread,
                ("he_uniform", (200, 100), 1.0),
                expected=0.1,
                hint=2,
                rtol=0.03,
            ),
            Case("he_uniform: mean", _mean, ("he_uniform", (200, 100), 1.0), expected=0.0, hint=3, atol=0.004),
            Case(
                "he_uniform: the largest weight is the bound, 0.1 · √3",
                _greatest,
                ("he_uniform", (200, 100), 1.0),
                expected=0.1732,
                hint=2,
                rtol=0.01,
            ),
            Case(
                "he_uniform: spread with gain 2",
                _spread,
                ("he_uniform", (200, 100), 2.0),
                expected=0.2,
                hint=2,
                rtol=0.03,
            ),
            Case(
                "he_uniform: spread of a convolution of 60 inputs",
                _spread,
                ("he_uniform", (400, 4, 5, 3), 1.0),
                expected=0.1291,
                hint=2,
                rtol=0.03,
            ),
            Case(
                "he_uniform: two layers drawn one after the other differ",
                _two_layers_alike,
                ("he_uniform", (3, 5)),
                expected=False,
                hint=3,
            ),
            Case(
                "he_uniform: the same seed, the same weights",
                _same_seed_alike,
                ("he_uniform", (3, 5)),
                expected=True,
                hint=3,
            ),
        ],
        wrong={
            "fan_out": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[0]), shape)",
                "You counted the outputs. What adds up in one output are its inputs: fan_in, shape[1] of a matrix.",
            ),
            "variance": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, gain**2 / np.prod(shape[1:]), shape)",
                "gain² / fan_in is the variance. rng.normal wants the spread, its square root.",
            ),
            "uniform for normal": Wrong(
                """
                def he_normal(shape, gain, rng):
                    bound = gain * np.sqrt(3 / np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "The spread is right, but these are uniform numbers. he_normal should draw normal ones.",
            ),
            "channels alone": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[1]), shape)",
                "For a convolution shape[1] counts channels alone. One output adds up height x width pixels of each.",
            ),
            "all axes": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(np.prod(shape)), shape)",
                "The product of all axes counts every weight of the layer. One output sees a share of them: leave out "
                "the first axis.",
            ),
            "last axis": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[-1]), shape)",
                "The last axis is right for a matrix. For a convolution it is the width of the kernel alone.",
            ),
            "square kernels": Wrong(
                """
                def he_normal(shape, gain, rng):
                    fan_in = shape[1] * (shape[2] ** 2 if len(shape) == 4 else 1)
                    return rng.normal(0, gain / np.sqrt(fan_in), shape)
                """,
                "You took the kernel's height twice. Height and width may differ: multiply all axes but the first.",
            ),
            "Xavier": Wrong(
                """
                def he_normal(shape, gain, rng):
                    return rng.normal(0, gain * np.sqrt(2 / (np.prod(shape[1:]) + shape[0])), shape)
                """,
                "That is Xavier's rule, a compromise between inputs and outputs. He's looks at the inputs alone.",
            ),
            "gain forgotten": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)",
                "The gain has no effect. It multiplies the spread.",
            ),
            "gain always ReLU's": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)",
                "You wrote ReLU's gain, √2, into the formula. Take the gain that is handed over.",
            ),
            "gain under the root": Wrong(
                "def he_normal(shape, gain, rng): return rng.normal(0, np.sqrt(gain / np.prod(shape[1:])), shape)",
                "Under the root the gain must be squared, or put it in front of the root.",
            ),
            "its own generator": Wrong(
                """
                def he_normal(shape, gain, rng):
                    return np.random.default_rng(0).normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
                """,
                "You made a generator of your own, so all layers of one shape get the same weights. Draw from rng.",
            ),
            "global generator": Wrong(
                """
                def he_normal(shape, gain, rng):
                    return np.random.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
                """,
                "np.random draws from a generator that rng's seed does not reach. Draw from rng.",
            ),
            "bound without root of 3": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain / np.sqrt(np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "You took the spread as the bound. The spread of uniform numbers is bound / √3, so the bound is √3 "
                "times as large.",
            ),
            "from zero": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(12 / np.prod(shape[1:]))
                    return rng.uniform(0, bound, shape)
                """,
                "The spread is right, but all weights are positive. Draw between -bound and bound.",
            ),
            "uniform from 0 to bound": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / np.prod(shape[1:]))
                    return rng.uniform(0, bound, shape)
                """,
                "You draw between 0 and bound: all positive, and half the spread. The lower end is -bound.",
            ),
            "normal for uniform": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    return rng.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
                """,
                "These are normal numbers: some lie far beyond any bound. Use rng.uniform.",
            ),
            "bound 3 instead of its root": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = 3 * gain / np.sqrt(np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "The 3 belongs under the root: bound = gain · √(3 / fan_in).",
            ),
            "uniform: fan_out": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / shape[0])
                    return rng.uniform(-bound, bound, shape)
                """,
                "he_uniform counts the outputs. What adds up are the inputs: the product of shape[1:].",
            ),
            "uniform: 6 instead of 3": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(6 / np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "√6 has ReLU's gain in it, √2 · √3. The gain is handed over here, so √3 is left.",
            ),
            "uniform: gain forgotten": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = np.sqrt(3 / np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "he_uniform does not use the gain. It multiplies the bound.",
            ),
            "uniform: gain under the root": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = np.sqrt(3 * gain / np.prod(shape[1:]))
                    return rng.uniform(-bound, bound, shape)
                """,
                "In he_uniform the gain is under the root. Put it in front: gain · √(3 / fan_in).",
            ),
            "uniform: channels alone": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / shape[1])
                    return rng.uniform(-bound, bound, shape)
                """,
                "he_uniform counts channels alone. For a convolution each of them has height x width pixels.",
            ),
            "uniform: square kernels": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / (shape[1] * (shape[2] ** 2 if len(shape) == 4 else 1)))
                    return rng.uniform(-bound, bound, shape)
                """,
                "he_uniform takes the kernel's height twice. Multiply all axes but the first.",
            ),
            "uniform: last axis": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / shape[-1])
                    return rng.uniform(-bound, bound, shape)
                """,
                "he_uniform looks at the last axis alone. For a convolution that is the width of the kernel.",
            ),
            "uniform: its own generator": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / np.prod(shape[1:]))
                    return np.random.default_rng(0).uniform(-bound, bound, shape)
                """,
                "he_uniform has a generator of its own: all layers of one shape get the same weights. Draw from rng.",
            ),
            "uniform: global generator": Wrong(
                """
                def he_uniform(shape, gain, rng):
                    bound = gain * np.sqrt(3 / np.prod(shape[1:]))
                    return np.random.uniform(-bound, bound, shape)
                """,
                "he_uniform draws from np.random, which rng's seed does not reach. Draw from rng.",
            ),
        },
    ),
    Exercise(
        id="11.2",
        title="clip by norm",
        stub='''
            def clip_by_norm_(grads, max_norm):
                """If all gradients together are longer than max_norm, shrink them, in place and by one factor, so
                that they are max_norm long. Return the length that they had. grads: a list of arrays of floats"""
                ...  # your code
            ''',
        hints=[
            "All arrays together are one long vector. How long is it? Which numbers must not be divided by?",
            """
            length = sqrt(sum over all arrays of the sum of squares)
            if length > max_norm: each gradient times max_norm / length
            """,
            """
            length = np.sqrt(sum((g**2).___() for g in grads))
            if length > ___:
                for g in grads:
                    g *= ___ / ___
            return ___
            """,
        ],
        solution="""
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(sum((g**2).sum() for g in grads))
                if length > max_norm:
                    for g in grads:
                        g *= max_norm / length
                return length
            """,
        cases=[
            Case("one array of length 5, clipped to 1", _clipped, ([[3.0, 4.0]], 1.0), expected=([0.6, 0.8],), hint=2),
            Case(
                "two arrays are one vector, and keep its direction",
                _clipped,
                ([[[3.0, 0.0]], [4.0]], 1.0),
                expected=([[0.6, 0.0]], [0.8]),
                hint=2,
                rtol=1e-5,
            ),
            Case("it returns the length of before", _returned, ([[3.0], [4.0]], 1.0), expected=5.0, hint=2, rtol=1e-5),
            Case(
                "a short gradient stays as it is",
                _clipped,
                ([[0.3, 0.4]], 1.0),
                expected=([0.3, 0.4],),
                hint=2,
                rtol=1e-5,
            ),
            Case("and its length is returned", _returned, ([[0.3, 0.4]], 1.0), expected=0.5, hint=2, rtol=1e-5),
            Case(
                "signs stay, and so do small entries beside large ones",
                _clipped,
                ([[-300.0, 0.0], [400.0, 0.05]], 2.0),
                expected=([-1.2, 0.0], [1.6, 0.0002]),
                hint=2,
                rtol=1e-5,
            ),
            Case(
                "no gradient at all",
                _clipped,
                ([[0.0, 0.0], [0.0]], 1.0),
                expected=([0.0, 0.0], [0.0]),
                hint=1,
                quiet=True,
            ),
            Case(
                "in float32, too",
                _clipped_float32,
                ([[3.0, 4.0], [[12.0]]], 1.0),
                expected="clipped",
                hint=3,
            ),
        ],
        wrong={
            "each by itself": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = np.sqrt(sum((g**2).sum() for g in grads))
                    for g in grads:
                        own = np.sqrt((g**2).sum())
                        if own > max_norm:
                            g *= max_norm / own
                    return length
                """,
                "You clipped each array by its own length, and that turns the whole. All arrays share one length.",
            ),
            "by value": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = np.sqrt(sum((g**2).sum() for g in grads))
                    for g in grads:
                        np.clip(g, -max_norm, max_norm, out=g)
                    return length
                """,
                "You cut every entry off at max_norm. That is clipping by value, and it turns the direction.",
            ),
            "divides by zero": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = np.sqrt(sum((g**2).sum() for g in grads))
                    factor = np.minimum(max_norm / length, 1)
                    for g in grads:
                        g *= factor
                    return length
                """,
                "Gradients that are all zero have length 0, and you divide by it. Ask first whether length > max_norm.",
            ),
            "stretches": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = np.sqrt(sum((g**2).sum() for g in grads))
                    for g in grads:
                        g *= max_norm / (length + 1e-6)
                    return length
                """,
                "Short gradients become longer: near a minimum every step would be as long as max_norm. Only shrink.",
            ),
            "a new name": Wrong(
                {"g *= max_norm / length": "g = g * max_norm / length"},
                "The network's own arrays stay as they were: g = g * ... and grads[i] = ... make new ones. Write into "
                "them: g *= ...",
            ),
            "root forgotten": Wrong(
                {"length = np.sqrt(sum((g**2).sum() for g in grads))": "length = sum((g**2).sum() for g in grads)"},
                "The sum of squares is the square of the length. Take its root.",
            ),
            "lengths added": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = sum(np.sqrt((g**2).sum()) for g in grads)
                    if length > max_norm:
                        for g in grads:
                            g *= max_norm / length
                    return length
                """,
                "You added the lengths of the arrays. Lengths add as in Pythagoras: squares first, one root at the "
                "end.",
            ),
            "mean of squares": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))
                    if length > max_norm:
                        for g in grads:
                            g *= max_norm / length
                    return length
                """,
                "A length is the root of the sum of squares, not of their mean.",
            ),
            "greatest entry": Wrong(
                """
                def clip_by_norm_(grads, max_norm):
                    length = max(np.abs(g).max() for g in grads)
                    if length > max_norm:
                        for g in grads:
                            g *= max_norm / length
                    return length
                """,
                "The greatest entry is not the length: many small ones make a long vector, too.",
            ),
            "returns the new length": Wrong(
                {"return length": "return min(length, max_norm)"},
                "You return the length after clipping. Worth knowing, and to be plotted, is the one before.",
            ),
        },
    ),
    Exercise(
        id="11.3",
        title="a training that survives",
        stub='''
            def state(run):
                """Return in one dict all that the next steps of run depend on, as tensors, numbers, lists and
                dicts. The run goes on afterwards; what you return must not change with it"""
                ...  # your code


            def restore(run, state):
                """Put all of it into run, which was just made by Run() in a new process"""
                ...  # your code


            def save(state, path):
                """Write state by torch.save, so that path (a str) always holds a whole file: the old one
                or the new one, also when writing fails half-way. An error on the way is not hidden"""
                ...  # your code
            ''',
        hints=[
            "Read Run once more. What does a step read, and what does it change? Whom does dropout ask? And if the "
            "machine stops in the middle of torch.save, what is left of the old file?",
            """
            seven things: model, opt, schedule (state_dict), order, place, generator (get_state),
            and PyTorch's own generator (torch.get_rng_state): dropout asks it
            a copy of everything: copy.deepcopy
            write to another name in the same folder, then os.replace(other, path)
            """,
            """
            import copy, os

            def state(run):
                return copy.___({
                    "model": run.model.state_dict(), "opt": ___, "schedule": ___,
                    "order": run.order, "place": run.place,
                    "generator": run.generator.get_state(), "torch": torch.___(),
                })

            def restore(run, state):
                run.model.load_state_dict(state["model"])
                ...
                run.generator.set_state(___)
                torch.___(state["torch"])

            def save(state, path):
                torch.save(state, path + ".new")
                os.___(path + ".new", path)
            """,
        ],
        solution="""
            import copy
            import os
            import torch

            def state(run):
                return copy.deepcopy({
                    "model": run.model.state_dict(),
                    "opt": run.opt.state_dict(),
                    "schedule": run.schedule.state_dict(),
                    "order": run.order,
                    "place": run.place,
                    "generator": run.generator.get_state(),
                    "torch": torch.get_rng_state(),
                })

            def restore(run, state):
                run.model.load_state_dict(state["model"])
                run.opt.load_state_dict(state["opt"])
                run.schedule.load_state_dict(state["schedule"])
                run.order, run.place = state["order"], state["place"]
                run.generator.set_state(state["generator"])
                torch.set_rng_state(state["torch"])

            def save(state, path):
                torch.save(state, path + ".new")
                os.replace(path + ".new", path)
            """,
        cases=[
            Case("what comes back after a stop at step 7", what_comes_back, (7,), expected="everything", hint=2),
            Case("taking the state changes nothing in the run", state_disturbs, expected="everything", hint=2),
            Case(
                "the state stays as it was taken, while the run goes on for 4 steps",
                what_comes_back,
                (7, 4),
                expected="everything",
                hint=2,
            ),
            Case("a state is written and read back, twice", second_write, expected=2, hint=3),
            Case(
                "stopped in the middle of an epoch, through the file, and on to step 12",
                first_difference,
                ([7],),
                expected="the same to the last bit",
                hint=2,
            ),
            Case(
                "stopped at any step, at the borders of epochs, too",
                first_difference,
                (list(range(STEPS)),),
                expected="the same to the last bit",
                hint=2,
            ),
            Case(
                "writing fails half-way: what the file holds, and what you hear",
                failed_write,
                expected=("the state of before", "the error"),
                hint=3,
            ),
            Case(
                "while a good state is written: what stands under this name",
                between_two_writes,
                expected="the old file, then the new one",
                hint=3,
            ),
        ],
        wrong={
            "weights alone": Wrong(
                _checkpointing("opt schedule order place generator torch"),
                "With the weights alone it runs, and is another training. Six more things must come back.",
            ),
            "optimizer forgotten": Wrong(
                _checkpointing("opt"),
                "AdamW starts with empty averages, and the learning rate begins anew. Keep run.opt.state_dict() as "
                "well.",
            ),
            "schedule forgotten": Wrong(
                _checkpointing("schedule"),
                "The schedule counts from 0 again, so the next cut comes too late. Keep its state_dict() as well.",
            ),
            "generators forgotten": Wrong(
                _checkpointing("generator torch"),
                "No generator comes back as it was: keep both states. (A seed would set them to where they began.)",
            ),
            "generator of orders forgotten": Wrong(
                _checkpointing("generator"),
                "This epoch ends well, and the next has another order. Keep run.generator.get_state().",
            ),
            "dropout's generator forgotten": Wrong(
                _checkpointing("torch"),
                "Dropout asks PyTorch's own generator. Keep torch.get_rng_state(), and set it again.",
            ),
            "place forgotten": Wrong(
                _checkpointing("place"),
                "The epoch begins anew, and rows that were read are read again. Keep run.place.",
            ),
            "order forgotten": Wrong(
                _checkpointing("order"),
                "The place is right, in another order: some rows come twice, some never. Keep run.order.",
            ),
            "sampler forgotten": Wrong(
                _checkpointing("order place"),
                "The epoch begins anew in the first epoch's order. Keep run.order and run.place.",
            ),
            "sampler and its generator forgotten": Wrong(
                _checkpointing("order place generator"),
                "What a step reads next is lost. Keep run.order, run.place and run.generator.get_state().",
            ),
            "things, not their states": Wrong(
                """
                import copy
                def state(run):
                    return copy.deepcopy(vars(run) | {"torch": torch.get_rng_state()})
                def restore(run, state):
                    for name, value in state.items():
                        if name != "torch":
                            setattr(run, name, value)
                    torch.set_rng_state(state["torch"])
                """,
                "In memory that works. In a file a whole model or optimizer is code as well as numbers.",
            ),
            "shallow": Wrong(
                _checkpointing(before="", after=""),
                "state_dict() hands out the living tensors, and training goes on writing into them. Copy: "
                "copy.deepcopy(...); a plain copy.copy is a new dict with the same tensors.",
            ),
            "writes in place": Wrong(
                """
                def save(state, path):
                    torch.save(state, path)
                """,
                "The old file is gone before the new one is whole. Write beside it, then os.replace.",
            ),
            "written in memory first": Wrong(
                """
                import io
                def save(state, path):
                    memory = io.BytesIO()
                    torch.save(state, memory)
                    with open(path, "wb") as file:
                        file.write(memory.getvalue())
                """,
                "Opening path for writing empties the old file, and a power cut leaves half of the new one. Write to "
                "another name in the same folder, then os.replace.",
            ),
            "removed first": Wrong(
                """
                def save(state, path):
                    torch.save(state, path + ".new")
                    if os.path.exists(path):
                        os.remove(path)
                    os.rename(path + ".new", path)
                """,
                "You take the old file away before the new one has its name: in between there is none. os.replace does "
                "both at once.",
            ),
            "from another folder": Wrong(
                """
                import shutil
                import tempfile
                def save(state, path):
                    with tempfile.NamedTemporaryFile(delete=False) as file:
                        torch.save(state, file)
                    shutil.move(file.name, path)
                """,
                "The folder for temporary files may be on another disk, and from there a file is copied, not renamed. "
                "Write into the folder of path.",
            ),
            "failure hidden": Wrong(
                """
                def save(state, path):
                    try:
                        torch.save(state, path + ".new")
                        os.replace(path + ".new", path)
                    except Exception:
                        pass
                """,
                "The old file is safe, but nobody hears that saving failed. Let the error pass.",
            ),
            "never replaced": Wrong(
                """
                def save(state, path):
                    torch.save(state, path if not os.path.exists(path) else path + ".new")
                """,
                "The second state lies beside the first for ever. Move it into its place: os.replace.",
            ),
        },
    ),
]
