"""What the computer, or the browser, has: how long a training run may be, and where a file is read from."""

import subprocess
import sys
from pathlib import Path

import pytest

from nnlab import host


def test_a_run_is_whole_where_nothing_else_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert host.WHOLE_RUNS and host.shortened(5) == 5 and host.shortened(1) == 1
    assert not capsys.readouterr().out


def test_a_shorter_run_says_so_in_one_line() -> None:
    script = "from nnlab import host; print(host.WHOLE_RUNS, [host.shortened(n) for n in (1, 2, 5, 10)])"
    env = {"NNLAB_TRAINING_SHARE": "0.2"}
    done = subprocess.run([sys.executable, "-c", script], env=env, cwd=Path(__file__).parents[1], capture_output=True)
    *said, result = done.stdout.decode().splitlines()
    assert result == "False [1, 1, 1, 2]", done.stderr
    assert [line.partition(".")[0] for line in said] == [
        f"A shorter run here: {part} of {whole} epochs" for part, whole in ((1, 2), (1, 5), (2, 10))
    ]
    assert all(line.endswith("Expect the same pattern, and somewhat more errors.") for line in said)


def test_the_share_is_a_number_up_to_1() -> None:
    assert host.training_share("0.2") == 0.2 and host.training_share("1") == host.training_share(None) == 1
    for bad in ("0", "2", "nan", "half", ""):
        with pytest.raises(ValueError, match="should be a number above 0, at most 1; got"):
            host.training_share(bad)


def test_a_page_keeps_what_it_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert host.kept(tmp_path / "a.npz", b"one") == tmp_path / "a.npz"
    monkeypatch.setattr(host, "IN_BROWSER", True)
    monkeypatch.setattr(host.tempfile, "gettempdir", lambda: str(tmp_path))
    copy = host.kept(Path("a.npz"), b"one")
    assert copy.read_bytes() == b"one" and copy.is_relative_to(tmp_path)
