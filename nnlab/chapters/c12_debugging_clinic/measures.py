"""What is measured on an examined training: each function gives one number."""

from __future__ import annotations

import numpy as np

from nnlab.chapters.c12_debugging_clinic.patient import Examined, changed, examine, last_tenth


def right(seen: Examined) -> float:
    """Share of the validation rows that the returned model gets right."""
    return float((seen.answers(seen.data.x_val).argmax(1) == seen.data.y_val).double().mean())


def found(seen: Examined) -> float:
    """Share of the ill among the validation rows that the returned model calls ill."""
    answers, ill = seen.answers(seen.data.x_val).argmax(1), seen.data.y_val == 1
    return float((answers[ill] == 1).double().mean())


def alarms(seen: Examined) -> float:
    """Share of the well among the validation rows that the returned model calls ill."""
    answers, well = seen.answers(seen.data.x_val).argmax(1), seen.data.y_val == 0
    return float((answers[well] == 1).double().mean())


def twice(seen: Examined) -> float:
    """Share of the validation rows that get the same answer when they stand in a batch twice."""
    from torch import cat

    first, second = seen.answers(cat([seen.data.x_val] * 2)).argmax(1).chunk(2)
    return float((first == second).double().mean())


def wider(seen: Examined) -> float:
    """How far an output moves at most when the table gets five more empty columns."""
    from torch.nn.functional import pad

    x = seen.data.x_val
    return float((seen.answers(x) - seen.answers(pad(x, (0, 0, 0, 5)))).abs().max())


def lonely(seen: Examined) -> float:
    """Share of the outputs for ten validation rows that are others when each row is asked about alone."""
    from torch import cat

    x = seen.data.x_val
    return changed(cat([seen.answers(x[i : i + 1]) for i in range(10)]).numpy(), seen.answers(x)[:10].numpy())


def cropped(seen: Examined) -> float:
    """How far an output moves at most when a row of the table stands alone, cut off where its letters end."""
    x = seen.data.x_val[:50]
    together, letters = seen.answers(seen.data.x_val), x.any(2).sum(1)
    return max(float((seen.answers(x[i : i + 1, :n]) - together[i]).abs().max()) for i, n in enumerate(letters))


def surprise(seen: Examined) -> float:
    """Mean cross entropy on the validation rows; outputs that are probabilities already are taken as such."""
    answers = seen.answers(seen.data.x_val)
    sure = bool((answers >= 0).all() and (answers.sum(1) - 1).abs().max() < 1e-3)
    log_p = answers.clamp(min=1e-9).log() if sure else answers.log_softmax(1)
    return float(-log_p[range(len(answers)), seen.data.y_val].mean())


def learning(seen: Examined) -> float:
    """Share of the steps whose forward passes ran in training mode."""
    return float(np.mean([reading.training for reading in seen.readings]))


def dropped(seen: Examined) -> float:
    """Share of what went into a Dropout layer that it made 0; the mean of all steps."""
    return float(np.mean([reading.dropped for reading in seen.readings]))


def by_heart(seen: Examined) -> float:
    """Loss at the end of the same training on 32 rows, over and over."""
    return examine(seen.train, seen.data.one_batch(), seen.seed).end


def naive(seen: Examined) -> float:
    """Mean absolute error on the validation rows of who answers with x itself: tomorrow will be as today."""
    return float((seen.data.x_val - seen.data.y_val).abs().mean())


def off(seen: Examined) -> float:
    """Mean absolute error on the validation rows."""
    return float((seen.answers(seen.data.x_val) - seen.data.y_val).abs().mean())


def dead(seen: Examined) -> float:
    """The largest share of dead units in a layer at the last step."""
    return max(seen.readings[-1].dead.values(), default=0.0)


def pace(seen: Examined) -> float:
    """The largest update / weight of a layer; the median of all steps."""
    return float(np.median([max(reading.updates.values(), default=np.nan) for reading in seen.readings]))


def pull(seen: Examined) -> float:
    """Norm of the gradient, mean of the last tenth of the steps."""
    return float(np.mean([reading.gradient for reading in last_tenth(seen.readings)]))


def older(seen: Examined) -> float:
    """In how many steps backward() added to a gradient that was there before."""
    return float(sum(reading.older for reading in seen.readings))


def hardest(seen: Examined) -> float:
    """The largest norm of a gradient that was stepped along."""
    return float(np.max([reading.gradient for reading in seen.readings]))
