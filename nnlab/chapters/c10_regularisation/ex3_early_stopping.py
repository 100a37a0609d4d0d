"""Exercise 10.3: early stopping."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.running import ExplainedError


def _told_to_stop(objects: Any, losses: list[float], patience: int) -> list[bool]:
    """What update says, step after step, as long as it does not say stop."""
    stopper, w = objects.EarlyStopping(patience), np.zeros(2)
    said: list[bool] = []
    for loss in losses:
        w += 1  # as optimizers do: in place
        answer = stopper.update(loss, {"w": w})
        if answer is None:
            raise ExplainedError(
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


EXERCISE = Exercise(
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
            "the weights of step 2, the best, can be written into a different network",
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
            {"self.best = {name: value.copy() for name, value in params.items()}": "self.best = params"},
            "You remembered the arrays, and training went on writing into them: your best is the last. Copy them.",
        ),
        "restores nothing": Wrong(
            {"for name, value in self.best.items():": "pass", "params[name][...] = value": ""},
            "It stops in time, but the weights are still the last ones. restore must bring the best back.",
        ),
        "renames": Wrong(
            {"params[name][...] = value": "params[name] = value"},
            "You put other arrays into the dict; the network still uses its own. Write into them: "
            "params[name][...] = value.",
        ),
        "returns True or nothing": Wrong(
            {"return self.waited >= self.patience": "if self.waited >= self.patience:\n    return True"},
            "Return False, not nothing, when training is to go on.",
        ),
        "one too patient": Wrong(
            {"return self.waited >= self.patience": "return self.waited > self.patience"},
            "It waits one update too long. Stop when the count reaches patience: >=, not >.",
        ),
        "one too impatient": Wrong(
            {"return self.waited >= self.patience": "return self.waited >= self.patience - 1"},
            "It stops one update too early. Count only the updates without a new lowest, up to patience.",
        ),
        "never starts again": Wrong(
            {"self.lowest, self.waited = loss, 0": "self.lowest = loss"},
            "The count never starts again. A new lowest loss sets it back to 0.",
        ),
        "compares with the last": Wrong(
            {
                "self.lowest, self.waited = loss, 0": "self.waited = 0",
                "return self.waited >= self.patience": "self.lowest = loss\nreturn self.waited >= self.patience",
            },
            "You compare with the previous loss. Falling from 5 to 4 is no success when 1 was reached already: keep "
            "the lowest.",
        ),
        "equal counts": Wrong(
            {"if loss < self.lowest:": "if loss <= self.lowest:"},
            "An equal loss is no new lowest: with <= a flat curve never stops. Write <.",
        ),
        "highest is best": Wrong(
            {
                "if loss < self.lowest:": "if loss > self.lowest:",
                "self.lowest, self.best = np.inf, {}": "self.lowest, self.best = -np.inf, {}",
            },
            "You keep the highest loss. That is right for an accuracy; for a loss you want the lowest.",
        ),
        "starts at a number": Wrong(
            {"self.lowest, self.best = np.inf, {}": "self.lowest, self.best = 1e3, {}"},
            "Your first lowest is a fixed number, and a loss can be larger. Begin with np.inf.",
        ),
    },
    also_right=[
        """
        import copy
        class EarlyStopping:
            def __init__(self, patience):
                self.patience, self.losses = patience, []
            def update(self, loss, params):
                self.losses.append(loss)
                best = int(np.argmin(self.losses))
                if best == len(self.losses) - 1:
                    self.best = copy.deepcopy(params)
                return len(self.losses) - 1 - best >= self.patience
            def restore(self, params):
                for name in params:
                    np.copyto(params[name], self.best[name])
        """,
        """
        class EarlyStopping:
            def __init__(self, patience):
                self.left = self.patience = patience
                self.lowest = None
            def update(self, loss, params):
                self.left -= 1
                if self.lowest is None or loss < self.lowest:
                    self.lowest, self.left = loss, self.patience
                    self.best = {name: np.array(value) for name, value in params.items()}
                if self.left > 0:
                    return False
                return True
            def restore(self, params):
                for name, value in params.items():
                    value[:] = self.best[name]
        """,
        """
        class EarlyStopping:
            def __init__(self, patience):
                self.patience, self.step, self.best = patience, 0, (float("inf"), 0, None)
            def update(self, loss, params):
                self.step += 1
                if loss < self.best[0]:
                    self.best = loss, self.step, [value.tolist() for value in params.values()]
                return np.bool_(self.step - self.best[1] >= self.patience)
            def restore(self, params):
                for value, kept in zip(params.values(), self.best[2]):
                    value[...] = kept
                return params
        """,
    ],
)
