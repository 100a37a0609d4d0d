"""Exercise 09.1: warm-up, then cosine."""

from nnlab.exercises.exercise import FLOAT32, Case, Exercise, Wrong

EXERCISE = Exercise(
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
        "Which rate does step 0 have if there are four warm-up steps? And when the warm-up is over: what share of "
        "the way down is done?",
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
        Case("the last step of the warm-up reaches the peak", "warmup_cosine", (3, 12, 4, 1.0), expected=1.0, hint=2),
        Case("the cosine begins at the peak", "warmup_cosine", (4, 14, 4, 1.0), expected=1.0, hint=2),
        Case("near the end", "warmup_cosine", (11, 12, 4, 1.0), hint=2, **FLOAT32),
        Case("half-way down", "warmup_cosine", (8, 12, 4, 1.0), expected=0.5, hint=2, **FLOAT32),
        Case(
            "at step `total` it is low",
            "warmup_cosine",
            (100, 100, 10, 0.3, 0.03),
            expected=0.03,
            hint=2,
            **FLOAT32,
        ),
        Case("no warm-up", "warmup_cosine", (25, 100, 0, 0.2, 0.02), hint=3, **FLOAT32),
        Case("a different peak", "warmup_cosine", (1, 100, 10, 0.3, 0.03), expected=0.06, hint=3),
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
            "You passed degrees to the cosine. NumPy counts in radians: half a turn is π, not 180.",
        ),
        "a whole turn": Wrong(
            """
            def warmup_cosine(step, total, warmup, peak, low=0.0):
                if step < warmup:
                    return peak * (step + 1) / warmup
                share = (step - warmup) / (total - warmup)
                return low + (peak - low) * (1 + np.cos(2 * np.pi * share)) / 2
            """,
            "Your cosine makes a whole turn: down in the middle, and up at the end. Half a turn, π, leads down.",
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
            "You added low to the whole curve, so it begins above the peak. What shrinks is the distance, peak - low.",
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
    also_right=[
        """
        import math
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            if step < warmup:
                return (step + 1) / warmup * peak
            s = (step - warmup) / (total - warmup)
            return low + 0.5 * (peak - low) * (1 + math.cos(math.pi * s))
        """,
        """
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            climb = peak * (step + 1) / max(warmup, 1)
            fall = low + (peak - low) * np.cos(np.pi / 2 * (step - warmup) / (total - warmup)) ** 2
            return np.where(step < warmup, climb, fall)
        """,
        """
        import torch
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            if warmup and step < warmup:
                return torch.linspace(peak / warmup, peak, warmup)[step]
            share = torch.tensor((step - warmup) / (total - warmup))
            return low + (peak - low) * (1 + torch.cos(torch.pi * share)) / 2
        """,
        """
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            rates = []
            for i in range(warmup):
                rates.append(peak * (i + 1) / warmup)
            for i in range(total - warmup + 1):
                rates.append(low + (peak - low) * (1 + np.cos(np.pi * i / (total - warmup))) / 2)
            return rates[step]
        """,
        """
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            if step >= warmup:
                step, total = step - warmup, total - warmup
                return (peak + low) / 2 + (peak - low) / 2 * np.cos(step / total * np.pi)
            return np.linspace(0, peak, warmup + 1)[step + 1]
        """,
        """
        import torch
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            if step < warmup:
                return peak * (step + 1) / warmup
            opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
            falling = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=total - warmup, eta_min=low)
            for _ in range(step - warmup):
                opt.step()
                falling.step()
            return opt.param_groups[0]["lr"]
        """,
        """
        def warmup_cosine(step, total, warmup, peak, low=0.0):
            if step < warmup:
                return np.float32(peak * (step + 1) / warmup)
            share = np.float32(step - warmup) / np.float32(total - warmup)
            return np.float32(low) + np.float32(peak - low) * (1 + np.cos(np.float32(np.pi) * share)) / 2
        """,
    ],
)
