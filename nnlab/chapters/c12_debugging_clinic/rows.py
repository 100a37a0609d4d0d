"""The patients' data: each function makes its rows once."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlab.chapters.c12_debugging_clinic.patient import Data


@cache
def digits() -> Data:
    """600 training and 400 validation rows of scikit-learn's 8 x 8 digits; 64 brightnesses from 0 to 1, ten classes."""
    import torch
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images, labels = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    return Data(images[:600], labels[:600], images[600:1000], labels[600:1000])


@cache
def sequence_sums() -> Data:
    """Sequences of 25 numbers from -1 to 1, (N, 25, 1), and their sum divided by its standard deviation, (N, 1)."""
    import torch

    x = torch.rand(1000, 25, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1
    y = x.sum(1) / (25 / 3) ** 0.5
    return Data(x[:600], y[:600], x[600:], y[600:])


@cache
def surnames() -> Data:
    """Surnames of four countries as rows of 20 columns, each a one-hot letter, (N, 20, 42); after the name only 0."""
    import torch

    from nnlab.datasets import names_by_country, pad

    every = names_by_country()
    four = [every.countries.index(country) for country in ("Kenya", "Finland", "Poland", "Italy")]
    names, labels = ["buoncompagniludovisi"], [3]  # the long one: a double name
    for place in np.random.default_rng(0).permutation(len(every.names)):
        if every.labels[place] in four:
            names.append(every.names[place].lower())
            labels.append(four.index(every.labels[place]))
    names.insert(1001, "montanariellobianchi")  # one as long among the validation rows
    labels.insert(1001, 3)
    letters = sorted(set("".join(names)))
    table, _ = pad([[letters.index(letter) + 1 for letter in name] for name in names], 20)
    x = torch.nn.functional.one_hot(torch.tensor(table), len(letters) + 1)[:, :, 1:].float()
    y = torch.tensor(labels)
    return Data(x[:1001], y[:1001], x[1001:], y[1001:])


@cache
def electricity_days() -> Data:
    """Electricity of a day, 24 hours in kW, and of the next day: 89 days from March 2012, then 60 days until July."""
    import torch

    from nnlab.datasets import electricity

    days = torch.tensor(electricity().load.reshape(-1, 24)[60:210], dtype=torch.float32)
    return Data(days[:89], days[1:90], days[89:-1], days[90:])


@cache
def blood_values() -> Data:
    """Two values of the blood of 1,600 people for training and 2,000 for validation; 1 (ill) is one in twenty."""
    import torch

    rng = torch.Generator().manual_seed(0)
    y = torch.tensor([i % 20 == 0 for i in range(3600)]).long()
    x = torch.randn(3600, 2, generator=rng) + 0.7 * y[:, None]
    return Data(x[:1600], y[:1600], x[1600:], y[1600:])
