"""Optuna studies that several workers share and that survive the loss of one. Importing this module imports Optuna;
nothing else in the package does.

    study = open_study("runs/search/journal.log", "mlp", about={"epochs": 3}, sampler="tpe", pruner="median", epochs=3)
    work(study, objective, 30, locks="runs/search/workers")

Each worker holds a lock on a file of its own. The system releases it when the worker ends, however it ends, so a trial
that is marked as running and whose worker holds no lock is lost: it is marked as failed and queued again.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import optuna
from filelock import FileLock, Timeout
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from nnlab.checks import need_size, pick
from nnlab.files import expand

RETRIES = 2  # of a trial whose worker was lost; a trial that kills every worker must end some day
HEARTBEAT, GRACE = 30, 120  # seconds; databases only
UNCLAIMED = timedelta(minutes=1)  # a running trial without a worker's name for so long is lost, too
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
_ROW = {"low", "high", "log", "integer", "choices"}

SAMPLERS: dict[str, Callable[[int | None], optuna.samplers.BaseSampler]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}
PRUNERS: dict[str, Callable[[int], optuna.pruners.BasePruner]] = {
    "none": lambda epochs: optuna.pruners.NopPruner(),
    "median": lambda epochs: optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
    "hyperband": lambda epochs: optuna.pruners.HyperbandPruner(max_resource=epochs, reduction_factor=3),
}


# ---- space -----------------------------------------------------------------------------------------------------------


def search_space(rows: Mapping[str, Any]) -> dict[str, BaseDistribution]:
    """Optuna's distributions from plain rows: {"low": 1e-4, "high": 1, "log": True}, the same with "integer": True for
    whole numbers, or {"choices": [16, 64]}. Raises ValueError or TypeError, naming the row, if it cannot work."""
    if not rows:
        raise ValueError("the search space should have at least one hyperparameter, got none.")
    return {name: _distribution(name, row) for name, row in rows.items()}


def _distribution(name: str, row: Any) -> BaseDistribution:
    if not isinstance(row, Mapping) or not row.keys() <= _ROW or ("choices" in row) == ("low" in row or "high" in row):
        raise ValueError(f"{name} should have low and high (with log, integer), or choices; got {row!r}.")
    if "choices" in row:
        if not isinstance(row["choices"], list) or not row["choices"]:
            raise ValueError(f"choices of {name} should be a list of at least one value, got {row['choices']!r}.")
        return CategoricalDistribution(row["choices"])
    low: Any = row.get("low")
    high: Any = row.get("high")
    log = bool(row.get("log", False))
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in (low, high))
    if not numbers or not low < high:
        raise ValueError(f"{name} should have a low below its high, both finite numbers; got {low!r} and {high!r}.")
    if log and low <= 0:
        raise ValueError(f"{name} has a log scale, which needs low above 0, since log(0) is minus infinity; got {low}.")
    if not row.get("integer", False):
        return FloatDistribution(low, high, log=log)
    if low != int(low) or high != int(high):
        raise ValueError(f"{name} is integer, so low and high should be whole numbers; got {low} and {high}.")
    return IntDistribution(int(low), int(high), log=log)


def suggest(trial: optuna.Trial, space: Mapping[str, BaseDistribution]) -> dict[str, Any]:
    """A value for each hyperparameter, as the study's sampler proposes it."""
    values: dict[str, Any] = {}
    for name, d in space.items():
        if isinstance(d, CategoricalDistribution):
            values[name] = trial.suggest_categorical(name, d.choices)
        elif isinstance(d, IntDistribution):
            values[name] = trial.suggest_int(name, d.low, d.high, log=d.log)
        elif isinstance(d, FloatDistribution):
            values[name] = trial.suggest_float(name, d.low, d.high, log=d.log)
    return values


# ---- the study -------------------------------------------------------------------------------------------------------


def open_storage(where: str | os.PathLike[str]) -> JournalStorage | RDBStorage:
    """A journal file, which the processes of one machine share, or a database that many machines share, named by its
    URL ("postgresql://..."). The folder of a journal is made. A database tries a lost trial again by heartbeats."""
    text = os.fspath(where)
    if "://" not in text:
        path = expand(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        return JournalStorage(JournalFileBackend(str(path)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats are called experimental
        again = RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)
        return RDBStorage(text, heartbeat_interval=HEARTBEAT, grace_period=GRACE, heartbeat_stale_trial_callback=again)


def open_study(
    where: str | os.PathLike[str],
    name: str,
    *,
    about: Mapping[str, Any],
    epochs: int,
    sampler: str = "tpe",
    pruner: str = "median",
    seed: int | None = None,
    direction: Literal["minimize", "maximize"] = "maximize",
) -> optuna.Study:
    """The study of this name in a journal file or database: made, or, if it is there, continued.

    about: what the objective is, in values that JSON takes (data, model, epochs, space); it is kept with the study.
    epochs: of a whole trial, for Hyperband. seed: of the sampler; each of several workers needs another one, or None.
    Call it once before other processes do: two that create one database at the same moment get in each other's way.
    Raises ValueError for an unknown sampler or pruner, and for a study that was made for another objective."""
    sampling, pruning = pick(SAMPLERS, sampler, "sampler")(seed), pick(PRUNERS, pruner, "pruner")(epochs)
    with quiet():
        study = optuna.create_study(
            storage=open_storage(where),
            study_name=name,
            sampler=sampling,
            pruner=pruning,
            direction=direction,
            load_if_exists=True,
        )
    wanted, known = json.loads(json.dumps(dict(about))), study.user_attrs.get("about")
    if known is None:
        study.set_user_attr("about", wanted)
    elif known != wanted:
        changed = [key for key in {**known, **wanted} if known.get(key) != wanted.get(key)]
        raise ValueError(
            f"The study in {os.fspath(where)} was made for another objective ({', '.join(changed)} differ), and its "
            "results cannot be compared: choose another place for this one."
        )
    return study


def done(study: optuna.Study) -> int:
    """How many trials are complete or pruned. Failed ones were tried again, or count for nothing."""
    return len(study.get_trials(deepcopy=False, states=DONE))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Inside the block Optuna logs errors only: a pruned trial or a second opening of a study is no news."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


# ---- workers ---------------------------------------------------------------------------------------------------------


def work(
    study: optuna.Study,
    objective: Callable[[optuna.Trial], float],
    trials: int,
    *,
    locks: str | os.PathLike[str] | None = None,
    after: Callable[[optuna.Study, FrozenTrial], None] | None = None,
) -> None:
    """Run trials in this process until `trials` of the study are complete, pruned or under way elsewhere.

    Any number of processes may do so on one study. locks: the folder of the workers' locks, for a journal file; lost
    trials are looked for before each trial. after: called after each trial. Whatever the objective raises is raised,
    its trial marked as failed; after KeyboardInterrupt, that trial is queued again."""
    need_size(trials, "trials")

    def enough() -> bool:
        if locks is not None:
            retry_lost(study, locks)
        return len(study.get_trials(deepcopy=False, states=(*DONE, TrialState.RUNNING))) >= trials

    with _held(locks) as name, quiet():

        def claimed(trial: optuna.Trial) -> float:
            trial.set_user_attr("worker", name)
            try:
                return objective(trial)
            except KeyboardInterrupt:
                _queue(study, trial, retries=math.inf)
                raise

        def then(_: optuna.Study, trial: FrozenTrial) -> None:
            if after:
                after(study, trial)
            if enough():
                study.stop()

        if not enough():
            study.optimize(claimed, callbacks=[then])


def retry_lost(study: optuna.Study, locks: str | os.PathLike[str]) -> list[int]:
    """Mark running trials whose worker is gone as failed, and queue each again, RETRIES times at most. Returns their
    numbers. Workers on other machines are not seen: they need a database, which has heartbeats."""
    lost = []
    with FileLock(_folder(locks) / "retry.lock"):  # two workers must not find the same trial
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            name = trial.user_attrs.get("worker")
            if name is None:
                gone = trial.datetime_start is not None and datetime.now() - trial.datetime_start > UNCLAIMED
            else:
                gone = not _is_held(_folder(locks) / f"{name}.lock")
            if gone:
                study.tell(trial.number, state=TrialState.FAIL)
                _queue(study, trial)
                lost.append(trial.number)
    return lost


def first_try(trial: optuna.Trial | FrozenTrial) -> int:
    """The number of the trial that this one repeats, or its own: the name for files that a second try continues."""
    if "first" in trial.user_attrs:
        return int(trial.user_attrs["first"])
    kept = trial if isinstance(trial, FrozenTrial) else trial.study.get_trials(deepcopy=False)[trial.number]
    return int(kept.system_attrs.get("failed_trial", trial.number))  # noted by a database's heartbeat


def _queue(study: optuna.Study, trial: optuna.Trial | FrozenTrial, retries: float = RETRIES) -> None:
    tries = trial.user_attrs.get("tries", 1)
    if tries <= retries:
        kept = {"first": first_try(trial), "tries": tries + 1}
        study.enqueue_trial(trial.params, user_attrs=kept)


def _folder(locks: str | os.PathLike[str]) -> Path:
    folder = expand(os.fspath(locks))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _held(locks: str | os.PathLike[str] | None) -> Iterator[str]:
    """A new name for this worker, whose lock is held inside the block."""
    name = uuid.uuid4().hex[:12]
    if locks is None:
        yield name
        return
    path = _folder(locks) / f"{name}.lock"
    with FileLock(path):
        yield name
    path.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            pass
    except Timeout:
        return True
    path.unlink(missing_ok=True)
    return False
