"""Exercise 17.2: the seasonal-naive score."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_RNG = np.random.default_rng(17)
_DAYS = np.tile([3.0, 5.0, 9.0, 4.0], 6) + _RNG.normal(size=24)

EXERCISE = Exercise(
    id="17.2",
    title="the seasonal-naive score",
    stub='''
        def skill(series, forecast, period):
            """Return 1 - (MAE of the forecast) / (MAE of the seasonal-naive forecast), a number.
            forecast: (n,), for the last n values of series, (T,), where n + period <= T.
            The seasonal-naive forecast of each value is the value one period before it."""
            ...  # your code
        ''',
    hints=[
        "Which values of the series are the truth? And where do the values stand that are one period before them?",
        """
        truth = the last n values
        naive = the same stretch, moved back by one period: series[T - n - period : T - period]
        skill = 1 - mean |truth - forecast| / mean |truth - naive|
        """,
        """
        n = len(forecast)
        truth = series[-n:]
        naive = series[___ : -period]
        return 1 - np.abs(truth - ___).mean() / np.abs(truth - ___).mean()
        """,
    ],
    solution="""
        def skill(series, forecast, period):
            n = len(forecast)
            truth = series[-n:]
            naive = series[-n - period : -period]
            return 1 - np.abs(truth - forecast).mean() / np.abs(truth - naive).mean()
        """,
    cases=[
        Case(
            "a perfect forecast has skill 1",
            "skill",
            (np.array([1.0, 5.0, 2.0, 4.0]), np.array([2.0, 4.0]), 2),
            expected=1.0,
            hint=2,
        ),
        Case(
            "a forecast that copies one period before has skill 0",
            "skill",
            (np.array([1.0, 5.0, 2.0, 4.0]), np.array([1.0, 5.0]), 2),
            expected=0.0,
            hint=2,
        ),
        Case(
            "twice the error of the naive forecast: -1",
            "skill",
            (np.array([1.0, 5.0, 2.0, 4.0]), np.array([4.0, 2.0]), 2),
            expected=-1.0,
            hint=2,
        ),
        Case("three periods at once", "skill", (_DAYS, _DAYS[-12:] + 0.3, 4), hint=3),
        Case("one outlier in the forecast", "skill", (_DAYS, _DAYS[-12:] + 6.0 * (np.arange(12) == 5), 4), hint=2),
    ],
    wrong={
        "upside down": Wrong(
            {
                "return 1 - np.abs(truth - forecast).mean() / np.abs(truth - naive).mean()": "return 1 - np.abs("
                "truth - naive).mean() / np.abs(truth - forecast).mean()"
            },
            "The fraction is upside down: the forecast's error is divided by the naive one's.",
        ),
        "absolute value of the mean": Wrong(
            {
                "return 1 - np.abs(truth - forecast).mean() / np.abs(truth - naive).mean()": "return 1 - np.abs(("
                "truth - forecast).mean()) / np.abs((truth - naive).mean())"
            },
            "You average first, so errors up and down cancel. Take the absolute value of each, then the mean.",
        ),
        "RMSE": Wrong(
            {
                "return 1 - np.abs(truth - forecast).mean() / np.abs(truth - naive).mean()": "return 1 - np.sqrt((("
                "truth - forecast) ** 2).mean() / ((truth - naive) ** 2).mean())"
            },
            "That compares RMSE, in which a single outlier weighs most. MAE takes absolute values.",
        ),
        "ratio": Wrong(
            """
            def skill(series, forecast, period):
                n = len(forecast)
                truth = series[-n:]
                return np.abs(truth - forecast).mean() / np.abs(truth - series[-n - period : -period]).mean()
            """,
            "That is the ratio of the two errors, where less is better. The skill is 1 minus it: 1 is perfect, 0 is as "
            "good as the naive forecast.",
        ),
        "last value": Wrong(
            {"naive = series[-n - period : -period]": "naive = series[-n - 1 : -1]"},
            "Your naive forecast copies the value right before. The seasonal one copies the value one period before.",
        ),
        "squared": Wrong(
            """
            def skill(series, forecast, period):
                n = len(forecast)
                truth = series[-n:]
                naive = series[-n - period : -period]
                return 1 - ((truth - forecast) ** 2).mean() / ((truth - naive) ** 2).mean()
            """,
            "You compare squared errors, and a single outlier rules them. MAE takes absolute values.",
        ),
        "last period repeated": Wrong(
            {"naive = series[-n - period : -period]": "naive = np.resize(series[-n - period : -n], n)"},
            "You repeat one period again and again. Each value is compared with the one exactly a period before it.",
        ),
    },
    also_right=[
        """
        def skill(series, forecast, period):
            first = len(series) - len(forecast)
            ours = sum(abs(series[first + i] - f) for i, f in enumerate(forecast))
            theirs = sum(abs(series[first + i] - series[first + i - period]) for i in range(len(forecast)))
            return 1 - ours / theirs
        """,
        """
        def skill(series, forecast, period):
            change = np.abs(series[period:] - series[:-period])[-len(forecast) :]
            return 1 - np.mean(np.abs(series[-len(forecast) :] - forecast)) / np.mean(change)
        """,
    ],
)
