"""Exercise 13.3: a share of the batch."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _averaged(objects: Any, sizes: list[int]) -> float:
    """What DistributedDataParallel makes of it: the plain mean over the processes of factor x mean loss."""
    losses = np.arange(sum(sizes)) ** 2.0
    parts = np.split(losses, np.cumsum(sizes)[:-1])
    return float(np.mean([objects.loss_factor(len(p), len(losses), len(sizes)) * p.mean() for p in parts]))


EXERCISE = Exercise(
    id="13.3",
    title="a share of the batch",
    stub='''
        def loss_factor(own, total, processes):
            """Several processes share a batch of `total` examples; this one holds `own` of them.
            Each computes the mean loss of its own examples; the gradients are then averaged over the
            processes, all alike. Return what this process's mean must be multiplied by, so that the
            result is the batch's mean"""
            ...  # your code
        ''',
    hints=[
        "If all hold equally many, the mean of means is right already. Which factor must come out then?",
        """
        wanted:  sum over processes of (own / total) · mean
        averaging gives:  (1 / processes) · sum over processes of factor · mean
        """,
        "return own * ___ / ___",
    ],
    solution="""
        def loss_factor(own, total, processes):
            return own * processes / total
        """,
    cases=[
        Case("equal shares change nothing", "loss_factor", (16, 32, 2), expected=1.0, hint=1),
        Case("three of four examples, two processes", "loss_factor", (3, 4, 2), expected=1.5, hint=2),
        Case("averaged over processes with 5, 2 and 1 examples", _averaged, ([5, 2, 1],), expected=17.5, hint=2),
    ],
    wrong={
        "nothing": Wrong(
            "def loss_factor(own, total, processes): return 1.0",
            "With unequal shares the few examples of one process would count as much as the many of a different one.",
        ),
        "whole numbers": Wrong(
            "def loss_factor(own, total, processes): return own * processes // total",
            "// rounds down to a whole number. Divide with /.",
        ),
        "divided twice": Wrong(
            "def loss_factor(own, total, processes): return own / total",
            "The averaging divides by the number of processes again. Your gradients come out too small.",
        ),
        "upside down": Wrong(
            "def loss_factor(own, total, processes): return total / (own * processes)",
            "A process that holds more examples must count more, not less.",
        ),
    },
    also_right=[
        "def loss_factor(own, total, processes): return own / (total / processes)",
        "def loss_factor(own, total, processes): return processes * (own / total)",
        """
        def loss_factor(own, total, processes):
            if own * processes == total:
                return 1
            fair = total / processes
            return own / fair
        """,
        """
        import torch
        def loss_factor(own, total, processes): return torch.tensor(own) / total * processes
        """,
        "def loss_factor(own, total, processes): return np.float32(own) * processes / np.float32(total)",
    ],
)
