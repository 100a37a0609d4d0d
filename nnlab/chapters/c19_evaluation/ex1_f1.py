"""Exercise 19.1: F1, also where it is zero divided by zero."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="19.1",
    title="F1, also where it is zero divided by zero",
    stub='''
        def f1(y_true, y_pred, zero_division=0.0):
            """Return F1 of class 1, a number: 2 TP / (2 TP + FP + FN); where that is 0 / 0, zero_division.
            y_true, y_pred: (N,), 0 or 1"""
            ...  # your code
        ''',
    hints=[
        "Which rows are true positives, which false positives, which false negatives? And for which data is none of "
        "the three there?",
        """
        TP = rows with y_true 1 and y_pred 1;  FP = y_true 0, y_pred 1;  FN = y_true 1, y_pred 0
        F1 = 2 TP / (2 TP + FP + FN)
        0 / 0 only if no row is 1, neither in truth nor in prediction
        """,
        """
        tp = np.sum((y_true == 1) & (y_pred == 1))
        total = np.sum(___ == 1) + np.sum(___ == 1)     # 2 TP + FP + FN
        return 2 * tp / total if ___ else ___
        """,
    ],
    solution="""
        def f1(y_true, y_pred, zero_division=0.0):
            tp = np.sum((y_true == 1) & (y_pred == 1))
            total = np.sum(y_true == 1) + np.sum(y_pred == 1)
            return 2 * tp / total if total else zero_division
        """,
    cases=[
        Case(
            "TP 2, FP 1, FN 1, TN 4",
            "f1",
            (np.array([1, 1, 1, 0, 0, 0, 0, 0]), np.array([1, 1, 0, 1, 0, 0, 0, 0])),
            expected=2 / 3,
            hint=2,
        ),
        Case(
            "precision 1, recall 1/4",
            "f1",
            (np.array([1, 1, 1, 1, 0, 0]), np.array([1, 0, 0, 0, 0, 0])),
            expected=0.4,
            hint=2,
        ),
        Case(
            "precision 1/4, recall 1",
            "f1",
            (np.array([1, 0, 0, 0, 0, 0]), np.array([1, 1, 1, 1, 0, 0])),
            expected=0.4,
            hint=2,
        ),
        Case(
            "there are positives, and none was found: 0, whatever zero_division is",
            "f1",
            (np.array([1, 1, 0]), np.array([0, 0, 0]), 1.0),
            expected=0.0,
            hint=2,
            fail_on_overflow=True,
        ),
        Case(
            "only false alarms: 0, whatever zero_division is",
            "f1",
            (np.array([0, 0, 0]), np.array([0, 1, 1]), 1.0),
            expected=0.0,
            hint=2,
            fail_on_overflow=True,
        ),
        Case(
            "no 1 anywhere: zero_division, by default 0",
            "f1",
            (np.array([0, 0]), np.array([0, 0])),
            expected=0.0,
            hint=3,
            fail_on_overflow=True,
        ),
        Case(
            "no 1 anywhere, zero_division=1",
            "f1",
            (np.array([0, 0]), np.array([0, 0]), 1.0),
            expected=1.0,
            hint=3,
            fail_on_overflow=True,
        ),
    ],
    wrong={
        "accuracy": Wrong(
            "def f1(y_true, y_pred, zero_division=0.0): return np.mean(y_true == y_pred)",
            "That is accuracy. F1 leaves out the true negatives, which are most rows where positives are rare.",
        ),
        "precision": Wrong(
            """
            def f1(y_true, y_pred, zero_division=0.0):
                tp, found = np.sum((y_true == 1) & (y_pred == 1)), np.sum(y_pred == 1)
                return tp / found if found else zero_division
            """,
            "That is precision: it forgets the positives that were missed. FN belongs in the denominator, too.",
        ),
        "recall": Wrong(
            """
            def f1(y_true, y_pred, zero_division=0.0):
                tp, true = np.sum((y_true == 1) & (y_pred == 1)), np.sum(y_true == 1)
                return tp / true if true else zero_division
            """,
            "That is recall: it forgets the false alarms. FP belongs in the denominator, too.",
        ),
        "plain mean": Wrong(
            """
            def f1(y_true, y_pred, zero_division=0.0):
                tp, found, true = np.sum((y_true == 1) & (y_pred == 1)), np.sum(y_pred == 1), np.sum(y_true == 1)
                if found + true == 0:
                    return zero_division
                return ((tp / found if found else 0) + (tp / true if true else 0)) / 2
            """,
            "That is the plain mean of precision and recall. F1 is the harmonic one, which is near the smaller of the "
            "two: 1 and 1/4 give 0.4.",
        ),
        "one true positive": Wrong(
            {"return 2 * tp / total if total else zero_division": "return tp / total if total else zero_division"},
            "Half of what it should be: TP counts twice in the numerator, as it does in the denominator.",
        ),
        "intersection over union": Wrong(
            {
                "return 2 * tp / total if total else zero_division": "return tp / (total - tp) if total else "
                "zero_division"
            },
            "TP / (TP + FP + FN) is the Jaccard index, intersection over union. In F1, TP counts twice.",
        ),
        "no guard": Wrong(
            {"return 2 * tp / total if total else zero_division": "return 2 * tp / total"},
            "With no 1 in truth and prediction you divide by zero. Return zero_division there.",
        ),
        "always 0": Wrong(
            {"return 2 * tp / total if total else zero_division": "return 2 * tp / total if total else 0.0"},
            "You return 0 for 0 / 0 whatever zero_division says. Return zero_division.",
        ),
        "zero_division without a true positive": Wrong(
            {"return 2 * tp / total if total else zero_division": "return 2 * tp / total if tp else zero_division"},
            "No true positive is not yet 0 / 0. With positives missed or false alarms the denominator is above 0, and "
            "F1 is 0.",
        ),
        "zero_division where precision is undefined": Wrong(
            """
            def f1(y_true, y_pred, zero_division=0.0):
                tp, found, true = np.sum((y_true == 1) & (y_pred == 1)), np.sum(y_pred == 1), np.sum(y_true == 1)
                if found == 0:
                    return zero_division
                return 2 * tp / (found + true)
            """,
            "If nothing is predicted positive, precision is 0 / 0, but F1 is not: with positives to find it is 0.",
        ),
        "both classes": Wrong(
            """
            def f1(y_true, y_pred, zero_division=0.0):
                def one(k):
                    tp, total = np.sum((y_true == k) & (y_pred == k)), np.sum(y_true == k) + np.sum(y_pred == k)
                    return 2 * tp / total if total else zero_division
                return (one(0) + one(1)) / 2
            """,
            "That is the mean over both classes, macro F1. F1 of class 1 is asked for.",
        ),
    },
    also_right=[
        """
        def f1(y_true, y_pred, zero_division=0.0):
            tp = fp = fn = 0
            for t, p in zip(y_true, y_pred):
                tp, fp, fn = tp + (t and p), fp + (p and not t), fn + (t and not p)
            return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else zero_division
        """,
        """
        def f1(y_true, y_pred, zero_division=0.0):
            if not y_true.any() and not y_pred.any():
                return zero_division
            tp = (y_true * y_pred).sum()
            if tp == 0:
                return 0.0
            precision, recall = tp / y_pred.sum(), tp / y_true.sum()
            return 2 * precision * recall / (precision + recall)
        """,
        """
        from nnlab.scratch.metrics import f1_score
        def f1(y_true, y_pred, zero_division=0.0): return f1_score(y_true, y_pred, zero_division=zero_division)
        """,
    ],
)
