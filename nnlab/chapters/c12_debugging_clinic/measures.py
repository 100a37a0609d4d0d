"""What is measured on an examined run: each function gives one number."""

from __future__ import annotations

import numpy as np

from nnlab.chapters.c12_debugging_clinic.patient import ExaminedRun, changed_share, examine, last_tenth


def accuracy(run: ExaminedRun) -> float:
    """Share of the validation rows that the returned model classifies correctly."""
    return float((run.predict(run.data.x_val).argmax(1) == run.data.y_val).double().mean())


def recall(run: ExaminedRun) -> float:
    """TP / (TP + FN) of class 1 on the validation rows: the share of the ill whom the returned model calls ill."""
    predicted, ill = run.predict(run.data.x_val).argmax(1), run.data.y_val == 1
    return float((predicted[ill] == 1).double().mean())


def false_positive_rate(run: ExaminedRun) -> float:
    """FP / (FP + TN) of class 1 on the validation rows: the share of the well whom the returned model calls ill."""
    predicted, well = run.predict(run.data.x_val).argmax(1), run.data.y_val == 0
    return float((predicted[well] == 1).double().mean())


def repeat_agreement(run: ExaminedRun) -> float:
    """Share of the validation rows that get the same class twice if each stands in a batch twice."""
    from torch import cat

    first, second = run.predict(cat([run.data.x_val] * 2)).argmax(1).chunk(2)
    return float((first == second).double().mean())


def padding_dependence(run: ExaminedRun) -> float:
    """Largest absolute change of an output if five more empty columns are appended to x_val, (N, columns, letters)."""
    from torch.nn.functional import pad

    x = run.data.x_val
    return float((run.predict(x) - run.predict(pad(x, (0, 0, 0, 5)))).abs().max())


def cropping_dependence(run: ExaminedRun) -> float:
    """Largest absolute change of an output if a row is given by itself, cut off where its letters end.

    Of the first 50 validation rows.
    """
    x = run.data.x_val[:50]
    together, lengths = run.predict(run.data.x_val), x.any(2).sum(1)
    return max(float((run.predict(x[i : i + 1, :n]) - together[i]).abs().max()) for i, n in enumerate(lengths))


def batch_dependence(run: ExaminedRun) -> float:
    """Share of the outputs for ten validation rows that change if each row is given as a batch of its own."""
    from torch import cat

    x = run.data.x_val
    separate = cat([run.predict(x[i : i + 1]) for i in range(10)])
    return changed_share(separate.numpy(), run.predict(x)[:10].numpy())


def cross_entropy(run: ExaminedRun) -> float:
    """Mean -ln p[y] on the validation rows; outputs that already are probabilities are taken as such."""
    outputs = run.predict(run.data.x_val)
    are_probabilities = bool((outputs >= 0).all() and (outputs.sum(1) - 1).abs().max() < 1e-3)
    log_p = outputs.clamp(min=1e-9).log() if are_probabilities else outputs.log_softmax(1)
    return float(-log_p[range(len(outputs)), run.data.y_val].mean())


def training_mode_share(run: ExaminedRun) -> float:
    """Share of the steps whose forward passes ran in training mode."""
    return float(np.mean([reading.training for reading in run.readings]))


def dropout_rate(run: ExaminedRun) -> float:
    """Share of the inputs of a Dropout layer that it set to 0; mean of all steps."""
    return float(np.mean([reading.dropout_rate for reading in run.readings]))


def one_batch_loss(run: ExaminedRun) -> float:
    """Final loss of the same training code on 32 rows, over and over."""
    return examine(run.train, run.data.one_batch(), run.seed).final_loss


def naive_error(run: ExaminedRun) -> float:
    """Mean absolute error on the validation rows of the naive forecast, y = x: tomorrow will be as today."""
    return float((run.data.x_val - run.data.y_val).abs().mean())


def mean_absolute_error(run: ExaminedRun) -> float:
    """Mean |output - y| on the validation rows, in the unit of y."""
    return float((run.predict(run.data.x_val) - run.data.y_val).abs().mean())


def dead_share(run: ExaminedRun) -> float:
    """Largest share of dead units in a layer at the last step."""
    return max(run.readings[-1].dead_shares.values(), default=0.0)


def update_ratio(run: ExaminedRun) -> float:
    """Largest |Δw| / |w| of a layer; median of all steps."""
    return float(np.median([max(reading.update_ratios.values(), default=np.nan) for reading in run.readings]))


def final_gradient_norm(run: ExaminedRun) -> float:
    """Norm of the whole gradient, mean of the last tenth of the steps."""
    return float(np.mean([reading.gradient_norm for reading in last_tenth(run.readings)]))


def largest_gradient_norm(run: ExaminedRun) -> float:
    """Largest norm of a gradient that the optimizer used."""
    return float(np.max([reading.gradient_norm for reading in run.readings]))


def accumulated_gradients(run: ExaminedRun) -> float:
    """Number of steps in which backward() added to a gradient that an earlier step had left."""
    return float(sum(reading.accumulated for reading in run.readings))
