"""Four ways to search the table of small architectures: random, evolution, and two objectives by NSGA-II."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray

from nnlab.datasets import sharing_records
from nnlab.scratch.pareto import hypervolume, pareto_front

from .space import EVERY, GENES, Architecture, parameters

Array = NDArray[Any]
PLACES = {genes: k for k, genes in enumerate(EVERY)}
POPULATION, SAMPLE = 10, 3
CEILING = np.array([4.8, 0.3])  # log10 of the parameters, and error: what a network has to beat to count


@cache
def costs() -> Array:
    """(320, 2): log10 of the parameters and the error on the validation digits, seed 0: what a trial sees."""
    size = np.log10([parameters(genes) for genes in EVERY])
    return np.column_stack([size, 1 - sharing_records().validation[:, 0]])


def trial(genes: Architecture) -> tuple[float, float]:
    """One trial: log10 of the parameters and the validation error, both to be small."""
    size, error = costs()[PLACES[genes]]
    return float(size), float(error)


def drawn(rng: np.random.Generator) -> Architecture:
    """A random architecture."""
    return EVERY[rng.integers(len(EVERY))]


def mutated(genes: Architecture, rng: np.random.Generator) -> Architecture:
    """The same with one gene changed."""
    name = str(rng.choice(list(GENES)))
    others = [value for value in GENES[name] if value != getattr(genes, name)]
    return genes._replace(**{name: int(rng.choice(others))})


def random_trials(n: int, rng: np.random.Generator) -> list[Architecture]:
    """n random architectures."""
    return [drawn(rng) for _ in range(n)]


def evolve(
    n: int, cost: Callable[[Architecture], float], rng: np.random.Generator, population: int = POPULATION
) -> list[Architecture]:
    """n trials of aging evolution: of 3 random members the best is copied with one gene changed, and the oldest dies.

    Real et al. (2019). The first `population` trials are random."""
    alive = random_trials(min(population, n), rng)
    tried = list(alive)
    while len(tried) < n:
        parent = min((alive[k] for k in rng.integers(len(alive), size=SAMPLE)), key=cost)
        child = mutated(parent, rng)
        alive = [*alive[1:], child]
        tried.append(child)
    return tried


@cache
def nsga2(n: int, seed: int, population: int = POPULATION) -> tuple[Architecture, ...]:
    """n trials of Optuna's NSGA-II on both objectives; its first `population` trials are random. Deb et al. (2002)."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(asked: optuna.Trial) -> tuple[float, float]:
        return trial(Architecture(*(asked.suggest_categorical(name, values) for name, values in GENES.items())))

    sampler = optuna.samplers.NSGAIISampler(population_size=population, seed=seed)
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.optimize(objective, n_trials=n)
    optuna.logging.set_verbosity(before)
    return tuple(Architecture(**found.params) for found in study.trials)


def area(tried: list[Architecture] | tuple[Architecture, ...]) -> float:
    """The share of the whole table's hypervolume that the front of these trials has."""
    whole = hypervolume(costs(), CEILING)
    return hypervolume(np.array([trial(genes) for genes in tried]), CEILING) / whole


def front(tried: list[Architecture] | tuple[Architecture, ...]) -> Array:
    """The trials that no other dominates, (F, 2) from small to large, each once."""
    points = np.unique([trial(genes) for genes in tried], axis=0)
    return points[pareto_front(points)]
