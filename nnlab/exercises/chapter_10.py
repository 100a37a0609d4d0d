"""Chapter 10, regularisation: inverted dropout, L1 and its step that lands on zero, early stopping."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import Told


def _dropped(objects: Any, shape: tuple[int, ...], p: float, seed: int = 0) -> np.ndarray:
    """Dropout of a table of threes, in training."""
    return np.asarray(objects.dropout(np.full(shape, 3.0), p, True, np.random.default_rng(seed)))


def _values(objects: Any, x: np.ndarray, p: float) -> np.ndarray:
    return np.unique(np.asarray(objects.dropout(x, p, True, np.random.default_rng(0))).round(5))


def _share_of_zeros(objects: Any, p: float) -> float:
    return float((_dropped(objects, (100, 200), p) == 0).mean())


def _mean(objects: Any, p: float) -> float:
    return float(_dropped(objects, (100, 200), p).mean())


def _different_rows(objects: Any, p: float) -> int:
    return len(np.unique(_dropped(objects, (20, 50), p), axis=0))


def _different_columns(objects: Any, p: float) -> int:
    return len(np.unique(_dropped(objects, (50, 20), p), axis=1).T)


def _same_again(objects: Any, p: float) -> bool:
    rng, x = np.random.default_rng(0), np.full((20, 50), 3.0)
    first, second = (np.asarray(objects.dropout(x, p, True, rng)) for _ in range(2))
    return bool(np.array_equal(first, second))


def _same_for_one_seed(objects: Any, p: float) -> bool:
    return bool(np.array_equal(_dropped(objects, (20, 50), p, seed=1), _dropped(objects, (20, 50), p, seed=1)))


def _counts_of_zeros(objects: Any, p: float) -> bool:
    """Whether the number of zeros differs from call to call, as it does where each entry has dice of its own."""
    return len({int((_dropped(objects, (20, 50), p, seed) == 0).sum()) for seed in range(10)}) > 1


def _told_to_stop(objects: Any, losses: list[float], patience: int) -> list[bool]:
    """What update says, step after step, as long as it does not say stop."""
    stopper, w = objects.EarlyStopping(patience), np.zeros(2)
    said: list[bool] = []
    for loss in losses:
        w += 1  # as optimizers do: in place
        answer = stopper.update(loss, {"w": w})
        if answer is None:
            raise Told(
                f"update returned nothing after {len(said) + 1} losses: True (stop) or False (go on) should come."
            )
        said.append(bool(answer))
        if said[-1]:
            break
    return said


def _trained(objects: Any, losses: list[float], patience: int) -> tuple[Any, dict[str, np.ndarray]]:
    """A stopper after training, and the last weights. They count the steps: their value says which step they are of."""
    stopper, params = objects.EarlyStopping(patience), {"w": np.zeros(2), "b": np.zeros(1)}
    for loss in losses:
        params["w"] += 1
        params["b"] -= 1
        if stopper.update(loss, params):
            break
    return stopper, params


def _restored_elsewhere(objects: Any, losses: list[float], patience: int) -> np.ndarray:
    """What the dict of a network that was not trained holds after restore."""
    stopper, _ = _trained(objects, losses, patience)
    other = {"w": np.full(2, 9.0), "b": np.full(1, 9.0)}
    stopper.restore(other)
    return np.concatenate([other["w"], other["b"]])


def _restored(objects: Any, losses: list[float], patience: int) -> np.ndarray:
    """What the arrays that a network itself uses hold after restore."""
    stopper, params = _trained(objects, losses, patience)
    own = params["w"], params["b"]
    stopper.restore(params)
    return np.concatenate(own)


EXERCISES = [
    Exercise(
        id="10.1",
        title="inverted dropout",
        stub='''
            def dropout(x, p, training, rng):
                """In training set each entry of x to 0 with probability p, and divide the others by 1 - p.
                In evaluation return x as it is. x: any shape; 0 <= p < 1; rng: a numpy Generator"""
                ...  # your code
            ''',
        hints=[
            "rng.random(x.shape) gives a number from 0 to 1 for each entry. How often is such a number below p?",
            """
            keep = 1 where the random number is at least p, else 0
            training:    y = x · keep / (1 - p)      on average p·0 + (1 - p)·x / (1 - p) = x
            evaluation:  y = x
            """,
            """
            if not training:
                return ___
            keep = rng.random(___) >= p
            return x * keep / ___
            """,
        ],
        solution="""
            def dropout(x, p, training, rng):
                if not training:
                    return x
                keep = rng.random(x.shape) >= p
                return x * keep / (1 - p)
            """,
        cases=[
            Case(
                "in evaluation nothing changes",
                "dropout",
                (np.array([[1.0, -2.0], [3.0, 4.0]]), 0.5, False, np.random.default_rng(0)),
                expected=[[1.0, -2.0], [3.0, 4.0]],
                hint=2,
            ),
            Case(
                "p = 0.8 of threes: what stays is 3 / 0.2",
                _values,
                (np.full((20, 10), 3.0), 0.8),
                expected=[0.0, 15.0],
                hint=2,
            ),
            Case("the share of zeros is p", _share_of_zeros, (0.8,), expected=0.8, atol=0.03, hint=1),
            Case("the mean of threes stays 3", _mean, (0.3,), expected=3.0, atol=0.1, hint=2),
            Case("p = 0 drops nothing", _values, (np.full((20, 10), 3.0), 0.0), expected=[3.0], hint=3),
            Case("the number of zeros differs from call to call", _counts_of_zeros, (0.5,), expected=True, hint=1),
            Case("each row has its own mask", _different_rows, (0.5,), expected=20, hint=3),
            Case("each column has its own mask", _different_columns, (0.5,), expected=20, hint=3),
            Case("a second call draws a new mask", _same_again, (0.5,), expected=False, hint=3),
            Case("the same seed gives the same mask", _same_for_one_seed, (0.5,), expected=True, hint=3),
        ],
        wrong={
            "not scaled": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) >= p) if training else x
                """,
                "What stays is not enlarged, so in training the next layer gets less than in evaluation. Divide by "
                "1 - p.",
            ),
            "scaled by p": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) >= p) / max(p, 1e-9) if training else x
                """,
                "You divided by p, the share that goes. A share of 1 - p stays, so divide by 1 - p.",
            ),
            "multiplied": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) >= p) * (1 - p) if training else x
                """,
                "You multiplied by 1 - p. That makes what stays smaller still; divide.",
            ),
            "keeps p": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) < p) / (1 - p) if training else x
                """,
                "You keep a share p and drop the rest. p is the probability to be dropped.",
            ),
            "keeps p, mean right": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) < p) / max(p, 1e-9) if training else x
                """,
                "You took p for the probability to stay. It is the probability to be dropped, so 1 - p stay.",
            ),
            "drops in evaluation": Wrong(
                "def dropout(x, p, training, rng): return x * (rng.random(x.shape) >= p) / (1 - p)",
                "You drop in evaluation, too. There the answer must not depend on chance: return x.",
            ),
            "scaled in evaluation": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape) >= p) if training else x * (1 - p)
                """,
                "That is the older form: drop in training, make all smaller in evaluation. Inverted dropout scales in "
                "training, so that evaluation has nothing to do.",
            ),
            "one mask for all rows": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random(x.shape[1:]) >= p) / (1 - p) if training else x
                """,
                "All rows share one mask. Draw as many numbers as x has entries: rng.random(x.shape).",
            ),
            "one number a row": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (rng.random((len(x), 1)) >= p) / (1 - p) if training else x
                """,
                "Each row is kept or dropped as a whole. Draw a number for every entry: rng.random(x.shape).",
            ),
            "same mask each time": Wrong(
                """
                def dropout(x, p, training, rng):
                    keep = np.random.default_rng(0).random(x.shape) >= p
                    return x * keep / (1 - p) if training else x
                """,
                "Each call draws the same mask, so the same units are always missing. Draw from the rng that came in.",
            ),
            "another generator": Wrong(
                """
                def dropout(x, p, training, rng):
                    return x * (np.random.random(x.shape) >= p) / (1 - p) if training else x
                """,
                "You draw from another generator than the rng that came in, so no run can be repeated. Draw from rng.",
            ),
            "exactly a share": Wrong(
                """
                def dropout(x, p, training, rng):
                    keep = rng.permutation(x.size).reshape(x.shape) >= round(p * x.size)
                    return x * keep / (1 - p) if training else x
                """,
                "You drop the same number of entries each time. Each entry has dice of its own: it goes with "
                "probability p, whatever becomes of the others.",
            ),
        },
    ),
    Exercise(
        id="10.2",
        title="L1: its gradient, and a step that lands on zero",
        stub='''
            def l1_gradient(w, strength):
                """Return the gradient of strength * sum(|w|) by w; where an entry is 0, take 0."""
                ...  # your code


            def shrink(w, amount):
                """Move each entry of w towards 0 by amount; what would pass 0 stops there.
                w: any shape; amount: a number, at least 0"""
                ...  # your code
            ''',
        hints=[
            "How steep is |w| at 5? At 0.001? At -3? And what must happen to 0.1 when it is to move by 0.3?",
            """
            d|w|/dw = 1 for w > 0, -1 for w < 0: the sign, whatever the size
            shrink:  w - amount if w > amount;   w + amount if w < -amount;   0 in between
            as one line:  sign(w) · max(|w| - amount, 0)
            """,
            """
            def l1_gradient(w, strength):
                return strength * np.sign(___)

            def shrink(w, amount):
                return np.sign(w) * np.maximum(___ - amount, ___)
            """,
        ],
        solution="""
            def l1_gradient(w, strength):
                return strength * np.sign(w)


            def shrink(w, amount):
                return np.sign(w) * np.maximum(np.abs(w) - amount, 0)
            """,
        cases=[
            Case(
                "the same size for large and small weights",
                "l1_gradient",
                (np.array([5.0, 0.001, -3.0, -0.2]), 0.1),
                expected=[0.1, 0.1, -0.1, -0.1],
                hint=2,
            ),
            Case("at zero, zero", "l1_gradient", (np.array([2.0, 0.0, -2.0]), 0.5), expected=[0.5, 0.0, -0.5], hint=3),
            Case("a matrix", "l1_gradient", (np.array([[1.0, -1.0], [-4.0, 0.0]]), 2.0), hint=3),
            Case(
                "both sides move towards zero",
                "shrink",
                (np.array([5.0, 1.0, -3.0, -0.5]), 0.25),
                expected=[4.75, 0.75, -2.75, -0.25],
                hint=2,
            ),
            Case(
                "what would pass zero stops there",
                "shrink",
                (np.array([0.1, -0.1, 0.0, 0.3, -2.0]), 0.3),
                expected=[0.0, 0.0, 0.0, 0.0, -1.7],
                hint=2,
            ),
            Case("a matrix, by nothing", "shrink", (np.array([[1.0, -1.0], [-4.0, 0.0]]), 0.0), hint=3),
        ],
        wrong={
            "gradient of w²": Wrong(
                "def l1_gradient(w, strength): return strength * 2 * w",
                "That is the gradient of w², L2's. It fades near zero; the slope of |w| does not: it is the sign of w.",
            ),
            "w itself": Wrong(
                "def l1_gradient(w, strength): return strength * w",
                "You took w for the slope of |w|. The slope is 1 or -1, whatever the size: the sign of w.",
            ),
            "|w| itself": Wrong(
                "def l1_gradient(w, strength): return strength * np.abs(w)",
                "That is the penalty of each entry, not its slope. The slope of |w| is the sign of w.",
            ),
            "no sign": Wrong(
                "def l1_gradient(w, strength): return strength * np.ones_like(w)",
                "Negative entries get a positive gradient, which drives them away from zero. Their slope is -1.",
            ),
            "no strength": Wrong(
                "def l1_gradient(w, strength): return np.sign(w)",
                "The strength is missing: multiply the sign by it.",
            ),
            "one at zero": Wrong(
                "def l1_gradient(w, strength): return strength * np.where(w >= 0, 1.0, -1.0)",
                "An entry of 0 is at its goal, and you push it away. There take 0, as np.sign does.",
            ),
            "averaged": Wrong(
                "def l1_gradient(w, strength): return strength * np.sign(w) / np.size(w)",
                "You divided by the number of entries. The penalty is a sum, not a mean.",
            ),
            "passes zero": Wrong(
                "def shrink(w, amount): return w - amount * np.sign(w)",
                "Small entries jump over zero to the other side, so none is ever exactly 0. Stop them there.",
            ),
            "always down": Wrong(
                "def shrink(w, amount): return np.maximum(w - amount, 0)",
                "Negative entries are lost. Shrink their size and give them their sign back.",
            ),
            "subtracts from all": Wrong(
                "def shrink(w, amount): return w - amount",
                "Everything moves down, so negative entries move away from zero. Each should move towards it.",
            ),
            "cut only": Wrong(
                "def shrink(w, amount): return np.where(np.abs(w) > amount, w, 0.0)",
                "Small entries are cut to 0, but the large ones do not move. They shrink by amount, too.",
            ),
            "sign lost": Wrong(
                "def shrink(w, amount): return np.maximum(np.abs(w) - amount, 0)",
                "The sizes are right, but negative entries came back positive. Multiply by the sign of w.",
            ),
            "clipped": Wrong(
                "def shrink(w, amount): return np.clip(w, -amount, amount)",
                "You clipped to the range from -amount to amount. Wanted is what is left when that is taken away.",
            ),
        },
    ),
    Exercise(
        id="10.3",
        title="early stopping",
        stub='''
            class EarlyStopping:
                """Remember the weights with the lowest validation loss; say stop when it no longer falls."""

                def __init__(self, patience):
                    """patience: how many updates in a row without a new lowest loss mean stop."""
                    ...  # your code

                def update(self, loss, params):
                    """Note a validation loss and, if it is the lowest so far, the params: a dict from name to
                    array. Training goes on changing these arrays in place. Return True for stop, else False."""
                    ...  # your code

                def restore(self, params):
                    """Write the noted values back into the arrays of params, in place."""
                    ...  # your code
            ''',
        hints=[
            "What must be remembered from one update to the next? And if you remember params itself, what does it "
            "hold ten steps later?",
            """
            new lowest loss:  remember it, remember copies of all arrays, waited = 0
            otherwise:        waited = waited + 1
            stop when waited reaches patience
            restore: for each name, params[name][...] = the copy
            """,
            """
            def __init__(self, patience):
                self.patience, self.waited = patience, 0
                self.lowest, self.best = np.inf, {}

            def update(self, loss, params):
                if loss < ___:
                    self.lowest, self.waited = ___, 0
                    self.best = {name: value.___() for name, value in params.items()}
                else:
                    self.waited += 1
                return self.waited >= ___

            def restore(self, params):
                for name, value in self.best.items():
                    params[name][...] = ___
            """,
        ],
        solution="""
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.waited = patience, 0
                    self.lowest, self.best = np.inf, {}

                def update(self, loss, params):
                    if loss < self.lowest:
                        self.lowest, self.waited = loss, 0
                        self.best = {name: value.copy() for name, value in params.items()}
                    else:
                        self.waited += 1
                    return self.waited >= self.patience

                def restore(self, params):
                    for name, value in self.best.items():
                        params[name][...] = value
            """,
        cases=[
            Case(
                "patience 2: two updates without a new lowest",
                _told_to_stop,
                ([3.0, 2.0, 2.5, 2.4, 1.0], 2),
                expected=[False, False, False, True],
                hint=2,
            ),
            Case(
                "a new lowest loss starts the count again",
                _told_to_stop,
                ([3.0, 3.1, 2.9, 3.0, 2.8, 2.9, 3.0], 2),
                expected=[False, False, False, False, False, False, True],
                hint=2,
            ),
            Case(
                "lower than the last is not enough; it must be the lowest",
                _told_to_stop,
                ([1.0, 5.0, 4.0, 3.0, 2.0], 3),
                expected=[False, False, False, True],
                hint=2,
            ),
            Case("an equal loss is no new lowest", _told_to_stop, ([1.0, 1.0, 1.0], 2), expected=[False, False, True]),
            Case(
                "losses may be far above 1, and negative",
                _told_to_stop,
                ([2e6, 1e6, -1.0, -2.0], 1),
                expected=[False, False, False, False],
                hint=3,
            ),
            Case(
                "the weights of step 2, the best, can be written into another network",
                _restored_elsewhere,
                ([3.0, 1.0, 2.0, 2.0, 2.0], 3),
                expected=[2.0, 2.0, -2.0],
                hint=3,
            ),
            Case(
                "and come back into the arrays of the network that was trained",
                _restored,
                ([3.0, 1.0, 2.0, 2.0, 2.0], 3),
                expected=[2.0, 2.0, -2.0],
                hint=3,
            ),
            Case("also when training was never stopped", _restored, ([1.0, 2.0, 3.0], 9), expected=[1.0, 1.0, -1.0]),
        ],
        wrong={
            "by reference": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited, self.best = loss, 0, params
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "You remembered the arrays, and training went on writing into them: your best is the last. Copy them.",
            ),
            "restores nothing": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest = patience, 0, np.inf
                    def update(self, loss, params):
                        self.waited = 0 if loss < self.lowest else self.waited + 1
                        self.lowest = min(loss, self.lowest)
                        return self.waited >= self.patience
                    def restore(self, params):
                        pass
                """,
                "It stops in time, but the weights are still the last ones. restore must bring the best back.",
            ),
            "renames": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name] = value
                """,
                "You put other arrays into the dict; the network still uses its own. Write into them: "
                "params[name][...] = value.",
            ),
            "returns True or nothing": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        if self.waited >= self.patience:
                            return True
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "Return False, not nothing, when training is to go on.",
            ),
            "one too patient": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited > self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "It waits one update too long. Stop when the count reaches patience: >=, not >.",
            ),
            "one too impatient": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience - 1
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "It stops one update too early. Count only the updates without a new lowest, up to patience.",
            ),
            "never starts again": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest = loss
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "The count never starts again. A new lowest loss sets it back to 0.",
            ),
            "compares with the last": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.waited = 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        self.lowest = loss
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "You compare with the loss before. Falling from 5 to 4 is no success when 1 was reached already: keep "
                "the lowest.",
            ),
            "equal counts": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, np.inf, {}
                    def update(self, loss, params):
                        if loss <= self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "An equal loss is no new lowest: with <= a flat curve never stops. Write <.",
            ),
            "highest is best": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, -np.inf, {}
                    def update(self, loss, params):
                        if loss > self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "You keep the highest loss. That is right for an accuracy; of a loss the lowest is wanted.",
            ),
            "starts at a number": Wrong(
                """
                class EarlyStopping:
                    def __init__(self, patience):
                        self.patience, self.waited, self.lowest, self.best = patience, 0, 1e3, {}
                    def update(self, loss, params):
                        if loss < self.lowest:
                            self.lowest, self.waited = loss, 0
                            self.best = {name: value.copy() for name, value in params.items()}
                        else:
                            self.waited += 1
                        return self.waited >= self.patience
                    def restore(self, params):
                        for name, value in self.best.items():
                            params[name][...] = value
                """,
                "Your first lowest is a fixed number, and a loss can be larger. Begin with np.inf.",
            ),
        },
    ),
]
