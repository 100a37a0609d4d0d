"""Explorer of chapter 20: a study replayed trial by trial, by grid, random search or TPE, on the tabulated network."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import optuna
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.search import Candidate, random_search

from .tabulated import SPACE, loss, table

Array = NDArray[Any]
METHODS = ("grid", "random", "TPE")
TRIALS, SEEDS, STARTUP = 54, 5, 10
POINTS = {"lr": 3, "width": 3, "dropout": 2, "batch": 3}  # 54 trials
COLOURS = {"grid": plots.ORANGE, "random": plots.BLUE, "TPE": plots.GREEN}
GOAL_LOSS, GOAL_TRIALS = 0.36, 40


def proposed(trial: optuna.Trial) -> Candidate:
    """A candidate of SPACE, as the study's sampler proposes it."""
    return {
        "lr": trial.suggest_float("lr", 1e-4, 1.0, log=True),
        "width": trial.suggest_int("width", 8, 64, log=True),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        "batch": trial.suggest_categorical("batch", [16, 64, 256]),
    }


def shifted_grid(rng: np.random.Generator) -> list[Candidate]:
    """The 54 combinations of evenly spaced values, in a shuffled order: in its own, the first trials would differ in
    one dimension only. Where the first value lies is drawn, since nobody knows where the best one is."""
    axes = []
    for name, n in POINTS.items():
        start = rng.random()
        axes.append([SPACE[name].at((k + start) / n) for k in range(n)])
    every = [dict(zip(SPACE, values, strict=True)) for values in itertools.product(*axes)]
    return [every[k] for k in rng.permutation(len(every))]


@cache
def trials(method: str, seed: int, n: int = TRIALS) -> tuple[list[Candidate], Array]:
    """The candidates of a study in the order in which they were tried, and their final validation losses (n,)."""
    rng = np.random.default_rng(seed)
    if method == "TPE":
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP))
        study.optimize(lambda trial: loss(proposed(trial)), n_trials=n)
        optuna.logging.set_verbosity(before)
        found = [trial.params for trial in study.trials]
    elif method == "grid":
        found = shifted_grid(rng)[:n]
    else:
        found = list(random_search(SPACE, n, rng=rng))
    return found, np.array([loss(candidate) for candidate in found])


@dataclass
class Replay:
    """A study after some trials. lr, width, losses: (n,) of its trials; best: for each method the best loss so far over
    all 54 trials, (54,); trial: how many are shown."""

    method: str
    trial: int
    lr: Array
    width: Array
    losses: Array
    best: dict[str, Array]


def replay(method: str, trial: int, seed: int) -> Replay:
    """The first trials of a study."""
    found, losses = trials(method, seed)
    shown = found[:trial]
    return Replay(
        method,
        trial,
        np.array([c["lr"] for c in shown]),
        np.array([c["width"] for c in shown], float),
        losses[:trial].copy(),
        {name: np.minimum.accumulate(trials(name, seed)[1]) for name in METHODS},
    )


class ReplayView:
    """Left where the trials lie, over the best loss that any dropout and batch size gives; right the best so far."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        t = table()
        floor = t.loss[..., 0, -1].min(axis=(2, 3)).T  # (width, lr), seed 0
        height = np.log(np.minimum(floor, 2.4) / 2.4)
        left.contourf(t.lr, t.width, height, levels=np.linspace(np.log(0.33 / 2.4), 0.01, 13), cmap="Greys", alpha=0.7)
        left.set(xscale="log", yscale="log", xlim=(7e-5, 1.5), ylim=(7.2, 72), xlabel="learning rate")
        left.set_ylabel("units of the hidden layer")
        left.set_yticks([8, 16, 32, 64], ["8", "16", "32", "64"])
        left.minorticks_off()
        left.grid(False)
        left.set_title("Where it looks (pale: low loss)")
        (self.old,) = left.plot([], [], "o", ms=6, mec="white", mew=0.7, animated=True)
        (self.last,) = left.plot([], [], "o", ms=12, mfc="none", mec=plots.VERMILLION, mew=2, ls="", animated=True)
        right.set(yscale="log", xlim=(0, TRIALS + 1), ylim=(0.33, 1.65), xlabel="trials")
        right.set_ylabel("best validation loss so far (nats)")
        right.set_yticks([0.36, 0.4, 0.5, 0.7, 1, 1.5], ["0.36", "0.40", "0.50", "0.70", "1.00", "1.50"])
        right.minorticks_off()
        right.set_title("What it has found")
        self.curves = {
            name: right.plot([], [], color=color, lw=1.4, label=name, drawstyle="steps-post", animated=True)[0]
            for name, color in COLOURS.items()
        }
        (self.here,) = right.plot([], [], "o", ms=8, animated=True)
        figure.legend(handles=[*self.curves.values()], loc="outside lower center", ncols=3, fontsize=9)

    def update(self, d: Replay) -> None:
        color = COLOURS[d.method]
        self.old.set_data(d.lr, d.width)
        self.old.set_color(color)
        self.old.set_markeredgecolor("white")
        self.last.set_data(d.lr[-1:], d.width[-1:])
        for name, line in self.curves.items():
            mine = name == d.method
            n = d.trial if mine else TRIALS
            line.set_data(np.arange(1, n + 1), np.minimum(d.best[name][:n], 1.6))
            line.set_linewidth(2.8 if mine else 1.2)
            line.set_alpha(1.0 if mine else 0.45)
        self.here.set_data([d.trial], [min(d.best[d.method][d.trial - 1], 1.6)])
        self.here.set_color(color)


def study_explorer() -> Explorer:
    """Three methods, five seeds, 54 trials each."""
    for method in METHODS:  # now, so that no move of a control has to wait for a study
        for seed in range(SEEDS):
            trials(method, seed)
    return Explorer(
        compute=replay,
        draw=ReplayView,
        controls={
            "method": Choice(METHODS, "random", label="method"),
            "trial": Slider(1, TRIALS, 1, 30, label="trials so far"),
            "seed": Slider(0, SEEDS - 1, 1, 0, label="seed"),
        },
        goal=Goal(
            f"Get below {GOAL_LOSS} nats within {GOAL_TRIALS} trials. From which trial on do the points gather?",
            lambda d: d.trial <= GOAL_TRIALS and d.losses.min() < GOAL_LOSS,
            solution=dict(method="TPE", trial=GOAL_TRIALS, seed=0),
        ),
        size=(7.0, 3.9),
        alt="The trials of a study over learning rate and width, and the best loss over trials for three methods.",
    )
