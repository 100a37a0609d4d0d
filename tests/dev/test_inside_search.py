"""A study of what a configuration describes, as a command: its end, its interruption, its lost workers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from nnlab.dev.inside import train as training
from nnlab.dev.inside.search import main
from nnlab.dev.inside.search_config import altered, read_search, toml
from nnlab.pytorch import study as studies
from tests.dev.ended import finish

ROOT = Path(__file__).parents[2]
TOML = """
out = "{out}"
examples = {examples}
epochs = {epochs}
model = "MLP"
[model_options]
sizes = [784, 16, 10]
[search]
trials = {trials}
pruner = "{pruner}"
[search.space]
"optimizer_options.lr" = {{ low = 1e-3, high = 1.0, log = true }}
batch_size = {{ choices = [32, 128] }}
"""


def config(folder, examples=256, epochs=2, trials=3, pruner="none"):
    path = folder / "c.toml"
    out = (folder / "out").as_posix()
    path.write_text(TOML.format(out=out, examples=examples, epochs=epochs, trials=trials, pruner=pruner))
    return path


def start(path, *words):
    env = {**os.environ, "OMP_NUM_THREADS": "1", "NNLAB_DEVICE": "cpu", "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "nnlab.dev.inside.search", str(path), *words]
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_until(condition, process):
    for _ in range(600):
        if condition():
            return
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.2)
    raise AssertionError("not within two minutes")


def trials(path):
    if not (path.parent / "out" / "journal.log").exists():
        return []
    return read_search(path).open().trials


def test_the_best_of_a_study_is_a_configuration_for_train(tmp_path, capsys):
    path = config(tmp_path)
    assert main([str(path)]) == 0
    told = capsys.readouterr().out
    assert "3 of 3: trial 2, accuracy 0." in told and "Best of 3" in told and "best.toml" in told
    study = read_search(path).open()
    best = training.read(tmp_path / "out" / "best.toml")
    assert best.optimizer_options["lr"] == study.best_params["optimizer_options.lr"]
    assert best.batch_size == study.best_params["batch_size"] and best.out.endswith("out/best")
    assert set(study.best_trial.user_attrs) == {"worker", "code", "seconds"}
    assert len(study.user_attrs["about"]["data_sha256"]) == 64
    assert len(list((tmp_path / "out" / "log").glob("trial_*/events*"))) >= 3
    assert not list((tmp_path / "out" / "trials").iterdir())
    assert main([str(path), "--trials", "4"]) == 0 and "4 of 4: trial 3" in capsys.readouterr().out
    path.write_text(path.read_text().replace("epochs = 2", "epochs = 3"))
    assert main([str(path)]) == 1
    assert "another objective (epochs differ)" in capsys.readouterr().err


def test_the_test_split_is_never_read(tmp_path, monkeypatch):
    read, mnist = [], training.datasets.mnist
    monkeypatch.setattr(training.datasets, "mnist", lambda split="train": read.append(split) or mnist(split))
    assert main([str(config(tmp_path, trials=1))]) == 0
    assert sorted(read) == ["train", "validation"]


def test_a_diverged_run_is_the_worst_and_a_bad_option_an_error(tmp_path, monkeypatch, capsys):
    path = config(tmp_path, trials=1)

    def nan(*_, **__):
        raise FloatingPointError("the loss is nan")

    monkeypatch.setattr("nnlab.dev.inside.search.train", nan)
    assert main([str(path)]) == 0
    assert read_search(path).open().best_value == 0
    monkeypatch.undo()
    path.write_text(path.read_text().replace("sizes = [784", "sizess = [784").replace("/out", "/other"))
    assert main([str(path)]) == 1 and "sizess" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_found_and_the_same_command_goes_on(tmp_path):
    path = config(tmp_path, examples=3000, epochs=20, trials=2)  # long enough for a busy machine to be in time
    process = start(path)

    def running():
        return [t for t in trials(path) if t.state == TrialState.RUNNING]

    wait_until(lambda: any(len(t.intermediate_values) > 1 for t in running()), process)
    process.send_signal(signal.SIGINT)
    code, out = finish(process)
    assert code == 130 and "The same command goes on" in out, out
    states = [t.state.name for t in trials(path)]
    assert states[-2:] == ["FAIL", "WAITING"]
    code, out = finish(start(path))
    assert code == 0 and "2 of 2" in out, out
    lost = next(t for t in trials(path) if t.state == TrialState.FAIL)
    again = trials(path)[lost.number + 1]
    assert again.params == lost.params and again.state == TrialState.COMPLETE
    # what was done is taken from the checkpoint, so the second try reports the same epochs, and then the others
    assert again.intermediate_values.items() >= lost.intermediate_values.items()
    assert sorted(again.intermediate_values) == list(range(1, 21))


def test_a_killed_worker_is_replaced_and_its_trial_tried_again(tmp_path):
    path = config(tmp_path, examples=3000, epochs=3, trials=4)
    process = start(path, "--workers", "2")
    wait_until(lambda: any(t.state == TrialState.RUNNING and t.intermediate_values for t in trials(path)), process)
    workers = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout
    os.kill(int(workers.split()[0]), signal.SIGKILL)
    code, out = finish(process)
    assert code == 0 and "A worker was killed" in out and "Best of" in out, out
    found = trials(path)
    complete = [t for t in found if t.state == TrialState.COMPLETE]
    assert len(complete) >= 4 and not [t for t in found if t.state == TrialState.RUNNING]
    for lost in (t for t in found if t.state == TrialState.FAIL):
        assert [t.params for t in complete if studies.first_try(t) == lost.number] == [lost.params]


def test_ctrl_c_reaches_every_worker(tmp_path):
    path = config(tmp_path, examples=3000, epochs=100, trials=6)  # never done by then
    process = start(path, "--workers", "2")
    wait_until(lambda: any(t.intermediate_values for t in trials(path)), process)
    process.send_signal(signal.SIGINT)
    code, out = finish(process)
    assert code == 130 and "The same command goes on" in out and "Traceback" not in out, out
    assert not [t for t in trials(path) if t.state == TrialState.RUNNING]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[search.space]", "[search.spice]", "has no [search.space]"),
        ("trials = 3", "trails = 3", "[search] has no key trails"),
        ("trials = 3", "trials = 0", "trials should be at least 1"),
        ("low = 1e-3", "low = 0.0", "log scale, which needs low above 0"),
        ("low = 1e-3", "low = 2.0", "a low below its high"),
        ("batch_size =", "batchsize =", "names batchsize, which is no key"),
        ("optimizer_options.lr", "optimiser.lr", "names optimiser.lr"),
        ('pruner = "none"', 'pruner = "shears"', "no pruner named 'shears'"),
        ("epochs = 2", "epoch = 2", "no key epoch"),
    ],
)
def test_a_configuration_that_cannot_work_gets_a_sentence(tmp_path, capsys, old, new, sentence):
    path = config(tmp_path)
    path.write_text(path.read_text().replace(old, new))
    assert main([str(path)]) == 1
    told = capsys.readouterr().err
    assert sentence in told and "Traceback" not in told


def test_train_refuses_a_table_search(tmp_path, capsys):
    assert training.main([str(config(tmp_path))]) == 1
    assert "`python -m nnlab search" in capsys.readouterr().err


def test_the_shipped_configuration_is_read_and_what_is_written_reads_the_same(tmp_path):
    search = read_search(ROOT / "configs" / "mnist_search.toml")
    assert search.trials == 20 and len(search.space) == 4 and search.locks.name == "workers"
    assert isinstance(search.space["optimizer_options.lr"], optuna.distributions.FloatDistribution)
    config = altered(search.config, {"batch_size": 64, "optimizer_options.lr": 0.01})
    assert config.batch_size == 64 and config.optimizer_options == {"lr": 0.01} and search.config.batch_size == 128
    (tmp_path / "c.toml").write_text(toml(config))
    assert training.read(tmp_path / "c.toml") == config
