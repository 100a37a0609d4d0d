"""Studies on one storage: resumed, shared by processes, and a trial whose worker was killed is run again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from nnlab.pytorch import study as studies

ROOT = Path(__file__).parents[2]
ABOUT = {"epochs": 3, "space": {"x": [0, 1]}}
WORKER = """
import sys, time
from pathlib import Path
from nnlab.pytorch import study as studies
studies.HEARTBEAT, studies.GRACE = 1, 3
where, locks, flag, seconds, trials = sys.argv[1:]
study = studies.open_study(where, "s", about={"epochs": 3, "space": {"x": [0, 1]}}, epochs=3)
def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    Path(flag).touch()
    time.sleep(float(seconds))
    return x
studies.work(study, objective, int(trials), locks=locks or None)
"""


def start(where, locks, flag, seconds, trials):
    argv = [sys.executable, "-c", WORKER, str(where), str(locks), str(flag), str(seconds), str(trials)]
    return subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True)


def wait_for(path, process):
    for _ in range(1200):
        if path.exists():
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    raise AssertionError(f"no {path} after a minute")


def opened(where, **options):
    return studies.open_study(where, "s", about=ABOUT, epochs=3, **options)


def objective(trial):
    return trial.suggest_float("x", 0, 1)


def kill_in_a_trial(where, locks, flag):
    process = start(where, locks, flag, 60, 5)
    wait_for(flag, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_killed_workers_trial_is_marked_failed_and_tried_again(tmp_path):
    where, locks = tmp_path / "journal.log", tmp_path / "workers"
    study = opened(where)
    kill_in_a_trial(where, locks, tmp_path / "flag")
    assert [t.state for t in study.trials] == [TrialState.RUNNING]
    lost = study.trials[0]
    studies.work(study, objective, 3, locks=locks)
    assert [t.state for t in study.trials] == [TrialState.FAIL] + [TrialState.COMPLETE] * 3
    again = study.trials[1]
    assert again.params == lost.params and studies.first_try(again) == 0 and again.user_attrs["tries"] == 2
    assert studies.done(study) == 3 and studies.first_try(study.trials[2]) == 2
    assert not list(locks.glob("*[0-9a-f].lock")) or list(locks.iterdir()) == [locks / "retry.lock"]


def test_a_database_does_the_same_by_heartbeats(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "HEARTBEAT", 1)
    monkeypatch.setattr(studies, "GRACE", 3)
    where = f"sqlite:///{(tmp_path / 'study.db').as_posix()}"
    study = opened(where)
    kill_in_a_trial(where, "", tmp_path / "flag")
    lost = study.trials[0]
    time.sleep(5)
    studies.work(study, objective, 3)
    found = study.trials
    assert [t.state for t in found] == [TrialState.FAIL] + [TrialState.COMPLETE] * 3
    assert found[1].params == lost.params and studies.first_try(found[1]) == 0
    study._storage.remove_session()


def test_a_trial_that_kills_every_worker_is_given_up(tmp_path):
    study, locks = opened(tmp_path / "journal.log"), tmp_path / "workers"
    study.enqueue_trial({"x": 0.5})
    for tries in range(1, studies.RETRIES + 3):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        trial.set_user_attr("worker", f"gone{tries}")
        assert studies.retry_lost(study, locks) == [trial.number]
        waiting = study.get_trials(states=(TrialState.WAITING,))
        if tries > studies.RETRIES:
            assert not waiting
            break
        assert [t.user_attrs["tries"] for t in waiting] == [tries + 1]


def test_a_worker_that_is_alive_keeps_its_trial(tmp_path):
    study, locks = opened(tmp_path / "journal.log"), tmp_path / "workers"

    def looked_at(trial):
        assert studies.retry_lost(study, locks) == []
        return objective(trial)

    studies.work(study, looked_at, 2, locks=locks)
    assert studies.done(study) == 2
    study.ask()  # running, and its worker has not said its name yet
    assert studies.retry_lost(study, locks) == []


def test_two_processes_share_one_journal(tmp_path):
    where, locks = tmp_path / "journal.log", tmp_path / "workers"
    study = opened(where)
    both = [start(where, locks, tmp_path / f"flag{k}", 0.15, 12) for k in range(2)]
    for process in both:
        _, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
    complete = [t for t in study.trials if t.state == TrialState.COMPLETE]
    assert 12 <= len(complete) <= 13 and sorted(t.number for t in study.trials) == list(range(len(study.trials)))
    assert 1 <= len({t.user_attrs["worker"] for t in complete}) <= 2


def test_a_study_is_continued(tmp_path):
    studies.work(opened(tmp_path / "journal.log"), objective, 4)
    study = opened(tmp_path / "journal.log")
    studies.work(study, objective, 4)
    assert studies.done(study) == 4
    studies.work(study, objective, 6)
    assert studies.done(study) == 6


def test_ctrl_c_queues_the_trial_that_it_interrupts(tmp_path):
    study = opened(tmp_path / "journal.log")

    def interrupted(trial):
        objective(trial)
        if trial.number == 2:
            raise KeyboardInterrupt
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        studies.work(study, interrupted, 5)
    assert [t.state.name for t in study.trials] == ["COMPLETE", "COMPLETE", "FAIL", "WAITING"]
    studies.work(study, objective, 5)
    assert studies.done(study) == 5 and study.trials[3].params == study.trials[2].params


def test_values_come_from_the_space():
    rows = {
        "lr": {"low": 1e-4, "high": 1.0, "log": True},
        "width": {"low": 8, "high": 64, "log": True, "integer": True},
        "dropout": {"low": 0, "high": 0.5},
        "batch": {"choices": [16, 64]},
    }
    space = studies.search_space(rows)
    with studies.quiet():
        study = optuna.create_study(sampler=studies.SAMPLERS["random"](0))
        found = [studies.suggest(study.ask(), space) for _ in range(50)]
    assert {type(v) for v in found[0].values()} == {float, int}
    assert all(1e-4 <= v["lr"] <= 1 and 8 <= v["width"] <= 64 and v["batch"] in (16, 64) for v in found)
    assert sum(v["lr"] < 0.01 for v in found) > 15


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({}, "at least one hyperparameter, got none"),
        ({"lr": {"low": 1.0, "high": 0.1}}, "lr should have a low below its high"),
        ({"lr": {"low": 0.0, "high": 0.1, "log": True}}, "lr has a log scale, which needs low above 0"),
        ({"lr": {"low": "a", "high": 0.1}}, "both finite numbers; got 'a' and 0.1"),
        ({"lr": {"low": 0.1}}, "both finite numbers; got 0.1 and None"),
        ({"lr": 0.1}, "lr should have low and high"),
        ({"lr": {"low": 0, "high": 1, "choices": [1]}}, "or choices; got"),
        ({"lr": {"low": 0, "high": 1, "logg": True}}, "lr should have low and high"),
        ({"batch": {"choices": []}}, "choices of batch should be a list of at least one"),
        ({"width": {"low": 1.5, "high": 3, "integer": True}}, "width is integer"),
    ],
)
def test_a_space_that_cannot_work_gets_a_sentence(rows, sentence):
    with pytest.raises(ValueError, match=sentence):
        studies.search_space(rows)


def test_a_study_of_another_objective_is_refused(tmp_path):
    opened(tmp_path / "journal.log")
    with pytest.raises(ValueError, match=r"another objective \(epochs differ\)"):
        studies.open_study(tmp_path / "journal.log", "s", about={**ABOUT, "epochs": 5}, epochs=5)
    with pytest.raises(ValueError, match=r"no sampler named 'tpf'\. Did you mean 'tpe'"):
        opened(tmp_path / "other.log", sampler="tpf")
    with pytest.raises(ValueError, match="no pruner named"):
        opened(tmp_path / "other.log", pruner="scissors")
    with pytest.raises(ValueError, match="trials should be at least 1"):
        studies.work(opened(tmp_path / "journal.log"), objective, 0)
