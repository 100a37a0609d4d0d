"""One thread each for NumPy and PyTorch, unless the learner, the variables or a container says otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from threadpoolctl import threadpool_info

from nnlab import threads
from nnlab.dev.commands import train
from nnlab.dev.computer import processor

VARIABLES = (threads.OWN, threads.BY_DEFAULT, *threads.COMMON)
START = """
import json
import numpy as np
import torch
from nnlab import datasets
from threadpoolctl import threadpool_info
print(json.dumps([torch.get_num_threads(), max(one["num_threads"] for one in threadpool_info())]))
"""


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No variable says anything; what was set is put back."""
    with monkeypatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        yield patch
        patch.setenv(threads.OWN, "1")
        threads.limit()


def blas() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.mark.parametrize(
    ("variables", "numbers"),
    [({}, [1, 1]), ({threads.OWN: "2"}, [2, 2]), (dict.fromkeys(threads.COMMON, "2"), [2, 2])],
    ids=["nothing said", "asked for two", "limited to two"],
)
def test_a_kernel_that_imports_torch_first(variables: dict[str, str], numbers: list[int]) -> None:
    env = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    out = subprocess.run([sys.executable, "-c", START], env=env | variables, capture_output=True, text=True, check=True)
    assert json.loads(out.stdout) == numbers


def test_libraries_that_are_there_take_what_is_asked_for(free: pytest.MonkeyPatch) -> None:
    for asked in ("2", "1"):
        free.setenv(threads.OWN, asked)
        threads.limit()
        assert blas() == {int(asked)} and torch.get_num_threads() == int(asked)
        assert {os.environ[name] for name in threads.COMMON} == {asked}


@pytest.mark.parametrize("name", threads.COMMON)
def test_a_limit_of_the_surroundings_is_left_alone(free: pytest.MonkeyPatch, name: str) -> None:
    free.setenv(name, "3")
    assert threads.wanted() is None
    free.setenv(threads.OWN, "4")
    assert threads.wanted() == 4


def test_what_nnlab_set_by_default_is_no_limit_for_training(free: pytest.MonkeyPatch) -> None:
    """`train` takes all cores also from a kernel or a terminal of `lab`, but not where you set a limit."""
    threads.limit()
    assert not threads.limited() and threads.wanted() == 1
    assert train.more_threads() == {threads.OWN: str(processor.cores())}
    free.setenv("OMP_NUM_THREADS", "2")
    assert threads.limited() and threads.wanted() is None and train.more_threads() == {}
    free.delenv("OMP_NUM_THREADS")
    free.setenv(threads.OWN, "3")
    assert threads.wanted() == 3 and train.more_threads() == {}


@pytest.mark.parametrize("bad", ["0", "-1", "two", "1.5", "²"])
def test_a_number_that_is_none_is_refused_by_name(free: pytest.MonkeyPatch, bad: str) -> None:
    free.setenv(threads.OWN, bad)
    with pytest.raises(ValueError, match=f"NNLAB_THREADS should be a whole number from 1, such as 4; got '{bad}'"):
        threads.wanted()
