"""Two set-ups of one clone: the second waits."""

import threading
import time
from pathlib import Path

import pytest

from nnlab.dev.environment import lock
from nnlab.dev.say import Trouble


def test_one_setup_waits_for_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = []
    first_in = threading.Event()

    def first() -> None:
        with lock.one_at_a_time(tmp_path / "lock"):
            first_in.set()
            time.sleep(0.2)
            order.append("first")

    other = threading.Thread(target=first)
    other.start()
    first_in.wait()
    with lock.one_at_a_time(tmp_path / "lock"):
        order.append("second")
    other.join()
    assert order == ["first", "second"]
    assert "waiting for it" in capsys.readouterr().out


def test_a_clone_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot be written"), lock.one_at_a_time(tmp_path / "none" / "lock"):
        pass
