"""Exercise 09.2: when to cut: the logic of a plateau."""

from nnlab.chapters.c09_schedules._ex2_answers import ALSO_RIGHT, WRONG
from nnlab.exercises.exercise import Case, Exercise

EXERCISE = Exercise(
    id="09.2",
    title="when to cut: the logic of a plateau",
    stub='''
        def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
            """Return the list of rates after each check of the validation loss. A check is better if its loss
            is less than best · (1 - threshold), best being the loss of the last better check (the first check
            is better than nothing). When more than `patience` checks in a row were not better, the rate is
            multiplied by factor, and counting starts again."""
            rates = []
            ...  # your code
            return rates
        ''',
    hints=[
        "Two things have to be remembered from one check to the next. Which? And which of them changes when the "
        "loss is better, which when it is not, which after a cut?",
        """
        better, loss < best · (1 - threshold):   best = loss, bad = 0
        not better:                              bad = bad + 1
        bad > patience:                          lr = lr · factor, bad = 0
        With patience = 2 the third bad check in a row cuts. Before the first check best is infinite.
        """,
        """
        best, bad = np.inf, 0
        for loss in losses:
            if loss < best * (1 - ___):
                best, bad = ___, ___
            else:
                bad += 1
            if bad > ___:
                lr, bad = lr * factor, ___
            rates.append(lr)
        """,
    ],
    solution="""
        def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
            rates, best, bad = [], np.inf, 0
            for loss in losses:
                if loss < best * (1 - threshold):
                    best, bad = loss, 0
                else:
                    bad += 1
                if bad > patience:
                    lr, bad = lr * factor, 0
                rates.append(lr)
            return rates
        """,
    cases=[
        Case(
            "the first check is better than nothing",
            "plateau",
            ([3.0, 1.0], 1.0, 0.1, 0),
            expected=[1, 1],
            hint=2,
        ),
        Case("while it falls nothing is cut", "plateau", ([1.0, 0.8, 0.6, 0.4], 0.1), expected=[0.1] * 4, hint=2),
        Case(
            "the third bad check in a row cuts",
            "plateau",
            ([1.0, 2.0, 2.0, 2.0, 2.0], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4, 0.4],
            hint=2,
        ),
        Case(
            "after a cut it starts counting again",
            "plateau",
            ([1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2],
            hint=2,
        ),
        Case(
            "a cut does not change best",
            "plateau",
            ([1.0, 2.0, 2.0, 2.0, 1.5, 1.5, 1.5], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2],
            hint=2,
        ),
        Case(
            "a better check ends the count",
            "plateau",
            ([1.0, 2.0, 2.0, 0.5, 2.0, 2.0, 2.0], 0.8),
            expected=[0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.4],
            hint=2,
        ),
        Case(
            "better than the best, not than the last check",
            "plateau",
            ([1.0, 4.0, 3.0, 2.0, 1.5], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4, 0.4],
            hint=2,
        ),
        Case(
            "a tiny gain is no gain",
            "plateau",
            ([1.0, 0.999, 0.998, 0.997], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4],
            hint=3,
        ),
        Case(
            "the threshold is a share of best, not an amount",
            "plateau",
            ([100.0, 99.5, 99.2, 99.1], 0.8),
            expected=[0.8, 0.8, 0.8, 0.4],
            hint=2,
        ),
        Case(
            "an equal loss is no gain, even with a threshold of 0",
            "plateau",
            ([1.0, 1.0, 1.0, 1.0], 0.8, 0.5, 2, 0.0),
            expected=[0.8, 0.8, 0.8, 0.4],
            hint=3,
        ),
        Case(
            "tiny gains add up to one",
            "plateau",
            ([1.0, 0.994, 0.988, 0.98, 0.98, 0.98], 0.8),
            expected=[0.8, 0.8, 0.8, 0.8, 0.8, 0.4],
            hint=2,
        ),
        Case("a patience of 0", "plateau", ([3.0, 3.0, 3.0, 1.0], 1.0, 0.1, 0), expected=[1, 0.1, 0.01, 0.01], hint=3),
    ],
    wrong=WRONG,
    also_right=ALSO_RIGHT,
)
