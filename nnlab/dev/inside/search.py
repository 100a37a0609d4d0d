"""Search over what a TOML file describes: `python -m nnlab search CONFIG`. The test split is never read here."""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import torch
from optuna.trial import FrozenTrial, TrialState
from torch.utils.data import Dataset

from nnlab.dev.inside.search_config import Search, altered, read_search, toml
from nnlab.dev.inside.train import augmented, criterion, data_split, parts, precision
from nnlab.dev.say import say
from nnlab.files import expand, replacing
from nnlab.pytorch import study as studies
from nnlab.pytorch import train
from nnlab.pytorch.checkpoint import load

REPLACEMENTS = 3  # of killed workers, for each worker asked for


# ---- one trial -------------------------------------------------------------------------------------------------------


def objective(search: Search, data: Dataset, validation: Dataset) -> Callable[[optuna.Trial], float]:
    """The function that Optuna maximises: the validation accuracy of one setting, reported after each epoch.

    A training run that diverges has accuracy 0. Each epoch leaves a checkpoint, from which a second try continues."""
    out = expand(search.config.out)

    def run(trial: optuna.Trial) -> float:
        config = altered(search.config, studies.suggest(trial, search.space))
        file = out / "trials" / f"{studies.first_try(trial)}.pt"
        if studies.first_try(trial) == trial.number:
            file.unlink(missing_ok=True)  # of a study that was deleted
        trial.set_user_attr("code", code_version())
        torch.manual_seed(config.seed)
        model, optimizer, schedule = parts(config, len(data))  # type: ignore[arg-type]
        read = augmented(config, data)
        options = {"batch_size": config.batch_size, "schedule": schedule, "clip": config.clip}
        options |= {"amp": precision(config), "loss": criterion(config)}
        options |= {"seed": config.seed, "workers": config.workers, "drop_last": config.drop_last}
        done = len(load(file)["history"]) if file.exists() else 0  # epochs of an earlier try
        reported, started = 0, time.perf_counter()
        try:
            for epoch in range(max(done, 1), config.epochs + 1):
                history = train(
                    model, read, validation, optimizer, epochs=epoch, checkpoint=file, progress=False,
                    patience=config.patience, **options,
                )  # fmt: skip
                if history.stopped == "Ctrl-C":
                    raise KeyboardInterrupt
                for row in history[reported:]:
                    trial.report(row.accuracy, row.epoch)
                reported = len(history)
                if trial.should_prune():
                    file.unlink(missing_ok=True)
                    raise optuna.TrialPruned
                if history.stopped:
                    break
            accuracy = history.best.accuracy
        except FloatingPointError:
            accuracy = 0.0  # a failed trial would tell the sampler nothing
        trial.set_user_attr("seconds", round(time.perf_counter() - started, 1))
        file.unlink(missing_ok=True)
        return accuracy

    return run


def code_version() -> str:
    """The commit that runs, "+" behind it if files are changed; "unknown" outside of a clone."""
    root = Path(__file__).resolve().parents[3]
    words = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=10"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def log_hparams(folder: Path, trial: FrozenTrial) -> None:
    """One run in TensorBoard's tab "HParams": the trial's values, the code's version and the accuracy."""
    from torch.utils.tensorboard import SummaryWriter  # here, not above: it takes a second to import

    with SummaryWriter(str(folder / f"trial_{trial.number}")) as writer:
        accuracy = trial.value if trial.value is not None else math.nan
        told = {**trial.params, "code": trial.user_attrs.get("code", "unknown")}
        writer.add_hparams(told, {"accuracy/validation": accuracy}, run_name=".")


def line(study: optuna.Study, trial: FrozenTrial, trials: int) -> str:
    """A trial in one line: "3 of 20: trial 4, accuracy 0.9312, pruned after epoch 1; lr 0.003; best 0.94"."""
    values = [f"{name.rpartition('.')[2]} {_short(value)}" for name, value in trial.params.items()]
    if trial.state == TrialState.PRUNED:
        last = max(trial.intermediate_values)
        result = f"accuracy {trial.intermediate_values[last]:.4f}, pruned after epoch {last}"
    else:
        result = f"accuracy {trial.value:.4f}" if trial.value is not None else "failed"
    complete = [t.value for t in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)) if t.value is not None]
    best = f"; best {max(complete):.4f}" if complete else ""
    return f"{studies.done(study)} of {trials}: trial {trial.number}, {result}; {', '.join(values)}{best}"


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


# ---- workers ---------------------------------------------------------------------------------------------------------


def worker(search: Search) -> None:
    """Run trials in this process until the study has enough."""
    config, out = search.config, expand(search.config.out)
    data, validation = data_split(config, "train"), data_split(config, "validation")
    study = search.open()

    def after(study: optuna.Study, trial: FrozenTrial) -> None:
        if trial.state in studies.DONE:
            say(line(study, trial, search.trials))
            log_hparams(out / "log", trial)

    studies.work(study, objective(search, data, validation), search.trials, locks=search.locks, after=after)


def workers(search: Search, argv: list[str], count: int) -> int:
    """Run `count` processes until the study has enough trials; one that is killed is replaced. Returns 0, the status of
    a worker that failed, or 130 after Ctrl-C, which every worker is told once."""
    command = [sys.executable, "-m", "nnlab.dev.inside.search", *argv, "--worker"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, start_new_session=True)  # so that the terminal's Ctrl-C comes from here only

    study, left = search.open(), REPLACEMENTS * count
    running = [start() for _ in range(count)]
    try:
        while running:
            time.sleep(0.1)
            for process in [p for p in running if p.poll() is not None]:
                running.remove(process)
                if process.returncode == 0:
                    continue
                if process.returncode > 0 or not left:
                    return max(process.returncode, 1)
                say("A worker was killed: its trial is tried again.")
                left -= 1
                running.append(start())
            if not running and left and studies.done(study) < search.trials:
                left -= 1  # a trial was lost after the other workers had stopped
                running.append(start())
        return 0
    except KeyboardInterrupt:
        return 130
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        for process in running:
            process.wait()


# ---- the end ---------------------------------------------------------------------------------------------------------


def finish(search: Search, study: optuna.Study) -> None:
    """Print the best setting and what mattered, and write the best as a configuration for `train`."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        say("No trial was completed.")
        return
    best, out = study.best_trial, expand(search.config.out)
    say(f"Best of {studies.done(study)}: trial {best.number} with validation accuracy {best.value:.4f}.")
    for name, value in best.params.items():
        say(f"  {name} = {_short(value)}")
    if len(complete) >= 8 and len(search.space) > 1:
        shares = optuna.importance.get_param_importances(study)
        say("What mattered: " + ", ".join(f"{name} {share:.0%}" for name, share in shares.items()))
    config = altered(search.config, best.params)
    config.out = f"{search.config.out}/best"
    with replacing(out / "best.toml") as file:
        file.write(toml(config).encode())
    say("It is the best of many on the same digits, so expect less. Train it, and measure it on the test digits once:")
    say(f"  python -m nnlab train {search.config.out}/best.toml")


def main(argv: list[str]) -> int:
    """The command: 0 if the study is done, 1 for a mistake, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m nnlab search")
    parser.add_argument("config")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--trials", type=int)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        search = read_search(options.config, options.trials)
        if options.worker:
            worker(search)
            return 0
        search.open()
        status = 0
        if options.workers == 1:
            worker(search)
        else:
            status = workers(search, [options.config, "--trials", str(search.trials)], options.workers)
        if status == 0:
            finish(search, search.open())
    except KeyboardInterrupt:
        status = 130
    except (ValueError, OSError, TypeError) as error:
        print(error, file=sys.stderr)
        return 1
    if status == 130 and not options.worker:
        say(f"\nStopped with {studies.done(search.open())} of {search.trials} trials. The same command goes on.")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
