"""Exercise 16.3: the one tokenizer in training and prediction."""

import re
from typing import Any

from nnlab.exercises.exercise import Case, Exercise, Wrong

TEXTS = ["Good, good!", "A good film", "Bad; a bad film", "DULL."]
LABELS = [1, 1, 0, 0]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def signs(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def commas(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _score(objects: Any, kind: str, text: str) -> Any:
    """The score of a text; each tokenizer is known by name, so that inputs can be shown."""
    predict = objects.fit(globals()[kind], TEXTS, LABELS)
    return None if predict is None else predict(text)


def _both(objects: Any) -> Any:
    """Two classifiers at once: neither may change the other."""
    first = objects.fit(words, TEXTS, LABELS)
    second = objects.fit(commas, ["x, y", "z"], [1, 0])
    return None if first is None else [first("good"), second("x, y")]


_SCORE = (
    "return float(sum(np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in tokenize(text)))"  # the solution's line
)

EXERCISE = Exercise(
    id="16.3",
    title="the one tokenizer in training and prediction",
    stub='''
        def fit(tokenize, texts, labels):
            """Return a function predict(text) that gives a text's score, the sum of its tokens' weights.
            A token's weight is log((p + 1) / (n + 1)), with p and n how often it occurs in the texts
            with label 1 and 0; a token that no text has weighs 0. tokenize(text) gives a list of tokens"""
            ...  # your code
        ''',
    hints=[
        "A text becomes tokens in two places here. Which function makes them in each of the two?",
        """
        p[t], n[t]: how often t occurs in tokenize(text) of the texts with label 1, and 0
        weight[t] = log((p[t] + 1) / (n[t] + 1))
        score(text) = sum of weight[t] over tokenize(text), 0 for unknown t
        """,
        """
        from collections import Counter
        counts = Counter(), Counter()
        for text, label in zip(texts, labels):
            counts[label].update(___)
        def predict(text):
            return sum(np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in ___)
        return predict
        """,
    ],
    solution="""
        from collections import Counter
        def fit(tokenize, texts, labels):
            counts = Counter(), Counter()
            for text, label in zip(texts, labels):
                counts[label].update(tokenize(text))
            def predict(text):
                return float(sum(np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in tokenize(text)))
            return predict
        """,
    cases=[
        Case("a word that is in the texts", _score, ("words", "good"), hint=2),
        Case("capitals and signs that the tokenizer removes", _score, ("words", "GOOD!!"), hint=1),
        Case("a token that comes twice counts twice", _score, ("words", "Bad, bad."), hint=2),
        Case("a negative text", _score, ("words", "A dull film"), hint=2),
        Case("a word that no text has", _score, ("words", "unheard"), expected=0.0, hint=2, fail_on_overflow=True),
        Case("an empty text", _score, ("words", ""), hint=2),
        Case("a tokenizer that keeps signs", _score, ("signs", "Good!"), hint=1),
        Case("a tokenizer that splits at commas", _score, ("commas", "good!, Good"), hint=1),
        Case("two classifiers, each with its own tokenizer", _both, hint=3),
    ],
    wrong={
        "split in prediction": Wrong(
            {
                _SCORE: (
                    "return float(sum(np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in text.lower().split()))"
                )
            },
            "predict cuts the text differently from training: signs stick to its words, which are then unknown. Use "
            "tokenize in both places.",
        ),
        "split in training": Wrong(
            {"counts[label].update(tokenize(text))": "counts[label].update(text.lower().split())"},
            "Training cuts the texts at blanks, prediction by tokenize. Use tokenize in both places.",
        ),
        "split in both": Wrong(
            {
                "counts[label].update(tokenize(text))": "counts[label].update(text.lower().split())",
                _SCORE: _SCORE.replace("tokenize(text)", "text.lower().split()"),
            },
            "The same in both places, but not the tokenizer that was given. Call tokenize.",
        ),
        "letters": Wrong(
            {"counts[label].update(tokenize(text))": "counts[label].update(text)"},
            "A Counter that is given a string counts its letters. Give it the list of tokens.",
        ),
        "texts counted": Wrong(
            {"counts[label].update(tokenize(text))": "counts[label].update(set(tokenize(text)))"},
            "You count each token once a text. Count every occurrence.",
        ),
        "tokens of a text counted once": Wrong(
            {
                _SCORE: (
                    "return float(sum(np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in set(tokenize(text))))"
                )
            },
            "In prediction a token that comes twice counts twice.",
        ),
        "upside down": Wrong(
            {_SCORE: ("return float(sum(np.log((counts[0][t] + 1) / (counts[1][t] + 1)) for t in tokenize(text)))")},
            "The sign is the wrong way round: p, from the texts with label 1, is above the line.",
        ),
        "mean": Wrong(
            {
                _SCORE: (
                    "each = [np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in tokenize(text)]\n"
                    "return float(np.mean(each or [0]))"
                )
            },
            "That is the mean of the weights. The score is their sum.",
        ),
        "no smoothing": Wrong(
            {
                _SCORE: (
                    'with np.errstate(all="ignore"):\n'
                    "    return float(sum(np.log(np.float64(counts[1][t]) / counts[0][t]) for t in tokenize(text)))"
                )
            },
            "A word that occurs on one side only gets an infinite weight. Add 1 to both counts.",
        ),
        "a score, not a function": Wrong(
            {"return predict": "return {t: np.log((counts[1][t] + 1) / (counts[0][t] + 1)) for t in counts[0]}"},
            "Return a function predict(text). It remembers both the weights and the tokenizer.",
        ),
    },
    also_right=[
        """
        import math
        def fit(tokenize, texts, labels):
            p, n = {}, {}
            for text, label in zip(texts, labels):
                where = p if label == 1 else n
                for token in tokenize(text):
                    where[token] = where.get(token, 0) + 1
            weights = {t: math.log((p.get(t, 0) + 1) / (n.get(t, 0) + 1)) for t in {*p, *n}}
            return lambda text: sum((weights.get(t, 0.0) for t in tokenize(text)), 0.0)
        """,
        """
        class Classifier:
            def __init__(self, tokenize):
                self.tokenize, self.counts = tokenize, {}
            def __call__(self, text):
                total = 0.0
                for token in self.tokenize(text):
                    n, p = self.counts.get(token, (0, 0))
                    total += np.log(p + 1) - np.log(n + 1)
                return total
        def fit(tokenize, texts, labels):
            made = Classifier(tokenize)
            for text, label in zip(texts, labels):
                for token in tokenize(text):
                    made.counts.setdefault(token, [0, 0])[int(label)] += 1
            return made
        """,
    ],
)
