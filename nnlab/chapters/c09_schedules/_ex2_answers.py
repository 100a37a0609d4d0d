"""Exercise 09.2: known wrong answers, and right answers written differently."""

from nnlab.exercises.exercise import Wrong

WRONG: dict[str, Wrong] = {
    "one check too early": Wrong(
        {"if bad > patience:": "if bad >= max(patience, 1):"},
        "You cut one check too early. patience is how many bad checks in a row you tolerate: the next one cuts, bad "
        "> patience.",
    ),
    "even after a better check": Wrong(
        {"if bad > patience:": "if bad >= patience:"},
        "You cut when the count reaches patience; with a patience of 0 that cuts even after a better check. Cut "
        "when it goes beyond: bad > patience.",
    ),
    "one check too late": Wrong(
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
        "You cut one check too late. First count this check, then compare the count with patience, then note the rate.",
    ),
    "every check counts": Wrong(
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
        "You count better checks, too. Count a check only if it is not better: else.",
    ),
    "nothing is better": Wrong(
        {"rates, best, bad = [], np.inf, 0": "rates, best, bad = [], 0, 0"},
        "In your code no check is ever better. Better is less, loss < best · (1 - threshold), and best begins at "
        "np.inf.",
    ),
    "more is better": Wrong(
        {
            "rates, best, bad = [], np.inf, 0": "rates, best, bad = [], -np.inf, 0",
            "if loss < best * (1 - threshold):": "if loss > best * (1 - threshold):",
        },
        "You take a greater loss for better. Better is less: loss < best · (1 - threshold).",
    ),
    "an equal check": Wrong(
        {"if loss < best * (1 - threshold):": "if loss <= best * (1 - threshold):"},
        "You take an equal loss for better. It has to be less than best · (1 - threshold): < , not <=.",
    ),
    "best is never updated": Wrong(
        {"best, bad = loss, 0": "bad = 0"},
        "Your best never changes. It stays infinite, so every check counts as better and nothing is ever cut.",
    ),
    "compares with the last check": Wrong(
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
        "You compare with the check before. After a jump up, every step back down then counts as progress. Compare "
        "with the best.",
    ),
    "no threshold": Wrong(
        {"if loss < best * (1 - threshold):": "if loss < best:"},
        "You take every gain for better, however tiny. It has to be below best · (1 - threshold).",
    ),
    "the first check is bad": Wrong(
        {"rates, best, bad = [], np.inf, 0": "rates, best, bad = [], losses[0], 0"},
        "Your first check counts as bad: begin with best = np.inf.",
    ),
    "an amount": Wrong(
        {"if loss < best * (1 - threshold):": "if loss < best - threshold:"},
        "Your threshold is an amount. It is a share: best · (1 - threshold).",
    ),
    "1 + threshold": Wrong(
        {"if loss < best * (1 - threshold):": "if loss < best * (1 + threshold):"},
        "With 1 + threshold even a slightly worse check counts as better. Better means below best · (1 - threshold).",
    ),
    "a cut sets best to the loss": Wrong(
        {"lr, bad = lr * factor, 0": "lr, best, bad = lr * factor, loss, 0"},
        "You replaced the best at a cut. It stays.",
    ),
    "a cut forgets best": Wrong(
        {"lr, bad = lr * factor, 0": "lr, best, bad = lr * factor, np.inf, 0"},
        "You threw the best away at a cut. It stays: only a better check changes it.",
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
        "Your best moves with every tiny gain, so small ones can never add up to a real one. best changes only with "
        "a better check.",
    ),
    "the count goes on after a better check": Wrong(
        {"best, bad = loss, 0": "best = loss"},
        "A better check should set your count back to 0. The bad checks have to be in a row.",
    ),
    "the count goes on after a cut": Wrong(
        {"lr, bad = lr * factor, 0": "lr = lr * factor"},
        "After a cut you go on counting, so the very next check cuts again. Give the new rate a chance: bad = 0.",
    ),
    "subtracts": Wrong(
        {"lr, bad = lr * factor, 0": "lr, bad = lr * (1 - factor), 0"},
        "You multiply by 1 - factor. The factor is what is left: lr · factor.",
    ),
}

ALSO_RIGHT: list[str] = [
    """
    import torch
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        rule = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, "min", factor, patience, threshold)
        rates = []
        for loss in losses:
            rule.step(loss)
            rates.append(opt.param_groups[0]["lr"])
        return rates
    """,
    """
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        rates = np.zeros(len(losses), dtype=np.float32)
        best, waiting = None, 0
        for i, loss in enumerate(losses):
            waiting += 1
            if best is None or loss < best * (1 - threshold):
                best, waiting = loss, 0
            elif waiting == patience + 1:
                lr *= factor
                waiting = 0
            rates[i] = lr
        return rates
    """,
    """
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        rates = []
        best = float("inf")
        left = patience
        for loss in losses:
            if loss < best * (1 - threshold):
                best = loss
                left = patience
                rates.append(lr)
                continue
            if left == 0:
                lr = lr * factor
                left = patience
            else:
                left -= 1
            rates += [lr]
        return tuple(rates)
    """,
    """
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        best, since, cuts, rates = losses[0], 0, 0, [lr]
        for i in range(1, len(losses)):
            if best - losses[i] > threshold * best:
                best, since = losses[i], i
            elif i - since > patience:
                cuts, since = cuts + 1, i
            rates.append(lr * factor**cuts)
        return rates
    """,
    """
    import torch
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        rates, best, bad = [], torch.inf, 0
        for loss in torch.tensor(losses):
            if loss < best * (1 - threshold):
                best, bad = loss, 0
            else:
                bad += 1
            if bad > patience:
                lr, bad = lr * factor, 0
            rates.append(lr)
        return torch.tensor(rates)
    """,
    """
    def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
        rates, history = [], []
        best = 1e9
        for loss in losses:
            better = loss < best * (1 - threshold)
            history.append(better)
            if better:
                best = loss
            if len(history) > patience and not any(history[-patience - 1 :]):
                lr *= factor
                history = []
            rates.append(lr)
        return rates
    """,
]
