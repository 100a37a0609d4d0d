"""Chapter 09, learning-rate schedules: warm-up and cosine as one function, and the logic of a plateau."""

from typing import Any

from nnlab.exercises.exercise import Case, Exercise, Wrong

_FLOAT32: Any = dict(rtol=1e-5, atol=1e-6)  # also right where it is computed in float32

EXERCISES = [
    Exercise(
        id="09.1",
        title="warm-up, then cosine",
        stub='''
            def warmup_cosine(step, total, warmup, peak, low=0.0):
                """Return the rate of a step, which counts from 0. In the first `warmup` steps it climbs in
                equal parts: peak/warmup, 2·peak/warmup, ... up to peak. Then half a cosine leads from peak, at
                step `warmup`, down to low, at step `total`. warmup may be 0."""
                ...  # your code
            ''',
        hints=[
            "Which rate does step 0 have if there are four warm-up steps? And when the warm-up is over: which share of "
            "the way down has been walked?",
            """
            step < warmup:   peak · (step + 1) / warmup
            otherwise:       s = (step - warmup) / (total - warmup)       from 0 to 1
                             low + (peak - low) · (1 + cos(π s)) / 2      π, for NumPy counts in radians
            With total = 12, warmup = 4, peak = 1: steps 0 to 4 have 0.25, 0.5, 0.75, 1, 1, and step 8 has 0.5.
            """,
            """
            if step < warmup:
                return peak * (step + ___) / warmup
            share = (step - ___) / (total - ___)
            return low + (peak - low) * (1 + np.cos(___ * share)) / 2
            """,
        ],
        solution="""
            def warmup_cosine(step, total, warmup, peak, low=0.0):
                if step < warmup:
                    return peak * (step + 1) / warmup
                share = (step - warmup) / (total - warmup)
                return low + (peak - low) * (1 + np.cos(np.pi * share)) / 2
            """,
        cases=[
            Case("step 0 is worth a quarter of the peak", "warmup_cosine", (0, 12, 4, 1.0), expected=0.25, hint=2),
            Case(
                "the last step of the warm-up reaches the peak", "warmup_cosine", (3, 12, 4, 1.0), expected=1.0, hint=2
            ),
            Case("the cosine begins at the peak", "warmup_cosine", (4, 14, 4, 1.0), expected=1.0, hint=2),
            Case("near the end", "warmup_cosine", (11, 12, 4, 1.0), hint=2, **_FLOAT32),
            Case("half-way down", "warmup_cosine", (8, 12, 4, 1.0), expected=0.5, hint=2, **_FLOAT32),
            Case(
                "at step `total` it is low",
                "warmup_cosine",
                (100, 100, 10, 0.3, 0.03),
                expected=0.03,
                hint=2,
                **_FLOAT32,
            ),
            Case("no warm-up", "warmup_cosine", (25, 100, 0, 0.2, 0.02), hint=3, **_FLOAT32),
            Case("another peak", "warmup_cosine", (1, 100, 10, 0.3, 0.03), expected=0.06, hint=3),
        ],
        wrong={
            "begins at zero": Wrong(
                {"return peak * (step + 1) / warmup": "return peak * step / warmup"},
                "Your first step has a rate of 0: a whole batch computed for nothing. Steps count from 0, so step 0 "
                "gets (0 + 1)/warmup of the peak.",
            ),
            "one step too long": Wrong(
                {
                    "if step < warmup:": "if step <= warmup:\n    return peak * (step + 1) / max(warmup, 1)",
                    "return peak * (step + 1) / warmup": "",
                },
                "Your warm-up is one step too long and climbs above the peak. Of 4 warm-up steps the last is number 3: "
                "step < warmup.",
            ),
            "reaches the peak too early": Wrong(
                {"return peak * (step + 1) / warmup": "return peak * min(1, (step + 1) / max(warmup - 1, 1))"},
                "Your warm-up arrives one step early: with 4 steps it goes up by a quarter each time, not by a third.",
            ),
            "degrees": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return low + (peak - low) * (1 + np.cos(180 * share)) / 2
                """,
                "You handed degrees to the cosine. NumPy counts in radians: half a turn is π, not 180.",
            ),
            "a whole turn": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return low + (peak - low) * (1 + np.cos(2 * np.pi * share)) / 2
                """,
                "Your cosine goes through a whole turn: down in the middle, and up at the end. Half a turn, π, leads "
                "down.",
            ),
            "from 1 to -1": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return low + (peak - low) * np.cos(np.pi * share)
                """,
                "cos goes from 1 to -1. Shift and halve it: (1 + cos) / 2.",
            ),
            "the warm-up climbs from low": Wrong(
                {"return peak * (step + 1) / warmup": "return low + (peak - low) * (step + 1) / warmup"},
                "Your warm-up climbs from low. It climbs from 0: peak · (step + 1) / warmup.",
            ),
            "low is ignored": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return peak * (1 + np.cos(np.pi * share)) / 2
                """,
                "Your cosine ends at 0 and forgets low. Let it lead from peak to low: low + (peak - low) · ...",
            ),
            "low is added": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return low + peak * (1 + np.cos(np.pi * share)) / 2
                """,
                "You added low to the whole curve, so it begins above the peak. What shrinks is the distance, "
                "peak - low.",
            ),
            "low as a floor": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    share = (step - warmup) / (total - warmup)
                    return max(low, peak * (1 + np.cos(np.pi * share)) / 2)
                """,
                "Your cosine falls to 0 and is stopped at low. It should glide into low: low + (peak - low) · ...",
            ),
            "share of total": Wrong(
                {"share = (step - warmup) / (total - warmup)": "share = (step - warmup) / total"},
                "Your cosine is too long: it never arrives at low. It has total - warmup steps, so divide by that.",
            ),
            "arrives one step early": Wrong(
                {"share = (step - warmup) / (total - warmup)": "share = (step - warmup) / (total - warmup - 1)"},
                "Your cosine arrives one step early. It is at low at step `total`: divide by total - warmup.",
            ),
            "a share from the middle": Wrong(
                {"share = (step - warmup) / (total - warmup)": "share = step / (total - warmup)"},
                "Your cosine does not begin at the peak. Take the warm-up off the step, too: step - warmup.",
            ),
            "the warm-up is not taken off": Wrong(
                """
                def warmup_cosine(step, total, warmup, peak, low=0.0):
                    if step < warmup:
                        return peak * (step + 1) / warmup
                    return low + (peak - low) * (1 + np.cos(np.pi * step / total)) / 2
                """,
                "Your cosine began at step 0, while the warm-up went on, so the rate jumps where they meet. It has "
                "total - warmup steps, the first of them at step `warmup`.",
            ),
        },
    ),
    Exercise(
        id="09.2",
        title="when to cut: the logic of a plateau",
        stub='''
            def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
                """Return the list of rates after each look at the validation loss. A look is better if its loss
                is less than best · (1 - threshold), best being the loss of the last better look (the first look
                is better than nothing). When more than `patience` looks in a row were not better, the rate is
                multiplied by factor, and counting begins anew."""
                rates = []
                ...  # your code
                return rates
            ''',
        hints=[
            "Two things have to be remembered from look to look. Which? And which of them changes when the loss is "
            "better, which when it is not, which after a cut?",
            """
            better, loss < best · (1 - threshold):   best = loss, bad = 0
            not better:                              bad = bad + 1
            bad > patience:                          lr = lr · factor, bad = 0
            With patience = 2 the third bad look in a row cuts. Before the first look best is infinite.
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
                "the first look is better than nothing",
                "plateau",
                ([3.0, 1.0], 1.0, 0.1, 0),
                expected=[1, 1],
                hint=2,
            ),
            Case("while it falls nothing is cut", "plateau", ([1.0, 0.8, 0.6, 0.4], 0.1), expected=[0.1] * 4, hint=2),
            Case(
                "the third bad look in a row cuts",
                "plateau",
                ([1.0, 2.0, 2.0, 2.0, 2.0], 0.8),
                expected=[0.8, 0.8, 0.8, 0.4, 0.4],
                hint=2,
            ),
            Case(
                "after a cut it counts anew",
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
                "a better look ends the count",
                "plateau",
                ([1.0, 2.0, 2.0, 0.5, 2.0, 2.0, 2.0], 0.8),
                expected=[0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.4],
                hint=2,
            ),
            Case(
                "better than the best, not than the last look",
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
            Case(
                "a patience of 0", "plateau", ([3.0, 3.0, 3.0, 1.0], 1.0, 0.1, 0), expected=[1, 0.1, 0.01, 0.01], hint=3
            ),
        ],
        wrong={
            "one look too early": Wrong(
                {"if bad > patience:": "if bad >= max(patience, 1):"},
                "You cut one look too early. patience is how many bad looks in a row you bear: the next one cuts, "
                "bad > patience.",
            ),
            "even after a better look": Wrong(
                {"if bad > patience:": "if bad >= patience:"},
                "You cut when the count reaches patience; with a patience of 0 that cuts even after a better look. Cut "
                "when it goes beyond: bad > patience.",
            ),
            "one look too late": Wrong(
                """
                def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
                    rates, best, bad = [], np.inf, 0
                    for loss in losses:
                        if loss < best * (1 - threshold):
                            best, bad = loss, 0
                        elif bad > patience:
                            lr, bad = lr * factor, 0
                        else:
                            bad += 1
                        rates.append(lr)
                    return rates
                """,
                "You cut one look too late. First count this look, then compare the count with patience, then note the "
                "rate.",
            ),
            "every look counts": Wrong(
                """
                def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
                    rates, best, bad = [], np.inf, 0
                    for loss in losses:
                        if loss < best * (1 - threshold):
                            best, bad = loss, 0
                        bad += 1
                        if bad > patience:
                            lr, bad = lr * factor, 0
                        rates.append(lr)
                    return rates
                """,
                "You count better looks, too. Count a look only if it is not better: else.",
            ),
            "nothing is better": Wrong(
                {"rates, best, bad = [], np.inf, 0": "rates, best, bad = [], 0, 0"},
                "For you no look is ever better. Better is less, loss < best · (1 - threshold), and best begins at "
                "np.inf.",
            ),
            "more is better": Wrong(
                {
                    "rates, best, bad = [], np.inf, 0": "rates, best, bad = [], -np.inf, 0",
                    "if loss < best * (1 - threshold):": "if loss > best * (1 - threshold):",
                },
                "You take a greater loss for better. Better is less: loss < best · (1 - threshold).",
            ),
            "an equal look": Wrong(
                {"if loss < best * (1 - threshold):": "if loss <= best * (1 - threshold):"},
                "You take an equal loss for better. It has to be less than best · (1 - threshold): < , not <=.",
            ),
            "best is never updated": Wrong(
                {"best, bad = loss, 0": "bad = 0"},
                "Your best never changes. It stays infinite, so every look counts as better and nothing is ever cut.",
            ),
            "compares with the last look": Wrong(
                """
                def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
                    rates, last, bad = [], np.inf, 0
                    for loss in losses:
                        if loss < last * (1 - threshold):
                            bad = 0
                        else:
                            bad += 1
                        last = loss
                        if bad > patience:
                            lr, bad = lr * factor, 0
                        rates.append(lr)
                    return rates
                """,
                "You compare with the look before. After a jump up, every step back down then counts as progress. "
                "Compare with the best.",
            ),
            "no threshold": Wrong(
                {"if loss < best * (1 - threshold):": "if loss < best:"},
                "You take every gain for better, however tiny. It has to be below best · (1 - threshold).",
            ),
            "the first look is bad": Wrong(
                {"rates, best, bad = [], np.inf, 0": "rates, best, bad = [], losses[0], 0"},
                "Your first look counts as bad: begin with best = np.inf.",
            ),
            "an amount": Wrong(
                {"if loss < best * (1 - threshold):": "if loss < best - threshold:"},
                "Your threshold is an amount. It is a share: best · (1 - threshold).",
            ),
            "1 + threshold": Wrong(
                {"if loss < best * (1 - threshold):": "if loss < best * (1 + threshold):"},
                "With 1 + threshold even a slightly worse look counts as better. Better means below "
                "best · (1 - threshold).",
            ),
            "a cut sets best to the loss": Wrong(
                {"lr, bad = lr * factor, 0": "lr, best, bad = lr * factor, loss, 0"},
                "You forgot the best at a cut. It stays.",
            ),
            "a cut forgets best": Wrong(
                {"lr, bad = lr * factor, 0": "lr, best, bad = lr * factor, np.inf, 0"},
                "You threw the best away at a cut. It stays: only a better look changes it.",
            ),
            "best creeps": Wrong(
                """
                def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
                    rates, best, bad = [], np.inf, 0
                    for loss in losses:
                        if loss < best * (1 - threshold):
                            bad = 0
                        else:
                            bad += 1
                        best = min(best, loss)
                        if bad > patience:
                            lr, bad = lr * factor, 0
                        rates.append(lr)
                    return rates
                """,
                "Your best moves with every tiny gain, so small ones can never add up to a real one. best changes only "
                "with a better look.",
            ),
            "the count goes on after a better look": Wrong(
                {"best, bad = loss, 0": "best = loss"},
                "A better look should set your count back to 0. The bad looks have to be in a row.",
            ),
            "the count goes on after a cut": Wrong(
                {"lr, bad = lr * factor, 0": "lr = lr * factor"},
                "After a cut you go on counting, so the very next look cuts again. Give the new rate a chance: "
                "bad = 0.",
            ),
            "subtracts": Wrong(
                {"lr, bad = lr * factor, 0": "lr, bad = lr * (1 - factor), 0"},
                "You multiply by 1 - factor. The factor is what is left: lr · factor.",
            ),
        },
    ),
]
