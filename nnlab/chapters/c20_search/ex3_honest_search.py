"""Exercise 20.3: a search that never touches the test set."""

from typing import Any

from nnlab.exercises.exercise import Case, Exercise, Wrong

# Accuracy of each candidate on each set: "b" wins on validation, "c" on test, "a" on train, and "d" nowhere.
SCORES = {
    "a": {"train": 0.99, "validation": 0.80, "test": 0.79},
    "b": {"train": 0.95, "validation": 0.90, "test": 0.84},
    "c": {"train": 0.93, "validation": 0.86, "test": 0.88},
    "d": {"train": 0.80, "validation": 0.75, "test": 0.74},
}


def _search(objects: Any, candidates: list[str]) -> tuple[tuple[Any, float], list[tuple[str, str, str]]]:
    """What the learner's search returns, and what it did: ("fit", candidate, set) and ("accuracy", candidate, set)."""
    done: list[tuple[str, str, str]] = []

    def fit(candidate: str, data: str) -> tuple[str, str]:
        done.append(("fit", candidate, data))
        return candidate, data

    def accuracy(model: tuple[str, str], data: str) -> float:
        done.append(("accuracy", model[0], data))
        return SCORES[model[0]][data]

    best, reported = objects.honest_search(candidates, fit, accuracy, "train", "validation", "test")
    return (best, float(reported)), done


def _found(objects: Any, candidates: list[str]) -> tuple[Any, float]:
    return _search(objects, candidates)[0]


def _test_looks(objects: Any, candidates: list[str]) -> int:
    return sum(step[0] == "accuracy" and step[2] == "test" for step in _search(objects, candidates)[1])


def _fitted_on(objects: Any, candidates: list[str]) -> list[str]:
    return sorted({step[2] for step in _search(objects, candidates)[1] if step[0] == "fit"})


def _chosen(objects: Any, candidates: list[str]) -> Any:
    return _found(objects, candidates)[0]


EXERCISE = Exercise(
    id="20.3",
    title="a search that never touches the test set",
    stub='''
        def honest_search(candidates, fit, accuracy, train, validation, test):
            """Return (best, reported): the candidate that you choose, and the number that you may publish.
            fit(candidate, data) returns a model trained on data; accuracy(model, data) its accuracy there."""
            ...  # your code
        ''',
    hints=[
        "Three sets, three jobs: one to fit weights, one to choose, one to judge. How often may you look at the last "
        "one?",
        """
        for each candidate: fit on train, measure on validation
        best = the one with the highest validation accuracy
        reported = accuracy of the best one's model on test, measured once
        """,
        """
        models = [fit(candidate, ___) for candidate in candidates]
        scores = [accuracy(model, ___) for model in models]
        k = int(np.argmax(scores))
        return candidates[k], accuracy(models[k], ___)
        """,
    ],
    solution="""
        def honest_search(candidates, fit, accuracy, train, validation, test):
            models = [fit(c, train) for c in candidates]
            scores = [accuracy(m, validation) for m in models]
            k = int(np.argmax(scores))
            return candidates[k], accuracy(models[k], test)
        """,
    cases=[
        Case("b is best on the validation set", _chosen, (["a", "b", "c", "d"],), expected="b", hint=2),
        Case(
            "all models are trained on the training set",
            _fitted_on,
            (["a", "b", "c", "d"],),
            expected=["train"],
            hint=2,
        ),
        Case(
            "what may be published: b's accuracy on test", _found, (["a", "b", "c", "d"],), expected=("b", 0.84), hint=2
        ),
        Case("the test set is looked at once", _test_looks, (["a", "b", "c", "d"],), expected=1, hint=3),
        Case("in another order the same one is chosen", _found, (["d", "c", "b", "a"],), expected=("b", 0.84), hint=3),
        Case("one candidate", _found, (["a"],), expected=("a", 0.79), hint=3),
    ],
    wrong={
        "chooses on test": Wrong(
            {"scores = [accuracy(m, validation) for m in models]": "scores = [accuracy(m, test) for m in models]"},
            "You choose by the test set, so its accuracy is the best of many, not a fair one. Choose by validation.",
        ),
        "chooses on train": Wrong(
            {"scores = [accuracy(m, validation) for m in models]": "scores = [accuracy(m, train) for m in models]"},
            "On the digits it was trained on, the model that memorises best wins. Choose by validation.",
        ),
        "publishes the validation accuracy": Wrong(
            {"return candidates[k], accuracy(models[k], test)": "return candidates[k], scores[k]"},
            "That is the winner's validation accuracy: the best of several, so too high. Measure the winner on test.",
        ),
        "looks at test for each": Wrong(
            {
                "scores = [accuracy(m, validation) for m in models]": "scores = [accuracy(m, validation) "
                "for m in models]\nreports = [accuracy(m, test) for m in models]",
                "return candidates[k], accuracy(models[k], test)": "return candidates[k], reports[k]",
            },
            "The answer is right, but the test set was looked at for every candidate. Once you have seen those "
            "numbers, you will use them. Measure the winner only.",
        ),
        "trains on validation": Wrong(
            {"models = [fit(c, train) for c in candidates]": "models = [fit(c, validation) for c in candidates]"},
            "You train on the digits that you choose by: each model has seen its answers. Train on train.",
        ),
        "the worst": Wrong(
            {"k = int(np.argmax(scores))": "k = int(np.argmin(scores))"},
            "That is the lowest accuracy. Take the highest.",
        ),
        "the first": Wrong(
            {"k = int(np.argmax(scores))": "k = 0"},
            "You take the first candidate, whatever the scores say.",
        ),
    },
    also_right=[
        """
        def honest_search(candidates, fit, accuracy, train, validation, test):
            best, best_score, best_model = None, -1.0, None
            for candidate in candidates:
                model = fit(candidate, train)
                score = accuracy(model, validation)
                if score > best_score:
                    best, best_score, best_model = candidate, score, model
            return best, accuracy(best_model, test)
        """,
        """
        def honest_search(candidates, fit, accuracy, train, validation, test):
            best = max(candidates, key=lambda c: accuracy(fit(c, train), validation))
            return best, accuracy(fit(best, train), test)
        """,
    ],
)
