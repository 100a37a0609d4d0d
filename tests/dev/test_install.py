"""Set-up: what is run, what an interrupt leaves, and what each failure says."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from nnlab.dev import child, main, paths
from nnlab.dev.environment import disk, install, interpreter, troubles, venv
from nnlab.dev.environment.interpreter import Environment
from nnlab.dev.say import Trouble
from tests.dev.test_venv import make_small

# what pip or uv writes: the sentence that it gets
FAILURES = {
    "disk is full": [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device: '/x'",
        "OSError: [WinError 112] There is not enough space on the disk",
    ],
    "check the network": [
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed to establish a "
        "new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/\n"
        "ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\n"
        "ERROR: No matching distribution found for torch",
        "[Errno 11001] getaddrinfo failed",
        "[Errno 8] nodename nor servname provided, or not known",
        "[Errno 101] Network is unreachable",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.",
        "ConnectionResetError: [Errno 104] Connection reset by peer",
    ],
    "proxy refused": [
        "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))",
        "407 Proxy Authentication Required",
    ],
    "certificate is not trusted": [
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
    ],
    "no ready-made build for Python": [
        "ERROR: Could not find a version that satisfies the requirement torch>=2.6 (from versions: none)\n"
        "ERROR: No matching distribution found for torch>=2.6",
        "error: subprocess-exited-with-error",
        "ERROR: Failed building wheel for pyzmq",
    ],
    "The installation failed, see above": ["ERROR: ResolutionImpossible: for help visit"],
}


@pytest.mark.parametrize(("sentence", "output"), [(key, text) for key, texts in FAILURES.items() for text in texts])
def test_a_failure_gets_one_sentence(sentence: str, output: str, tmp_path: Path) -> None:
    said = troubles.failure(f"Collecting torch\n{output}\n", 1, tmp_path / "setup.log")
    assert sentence in said
    assert "\n" not in said and "{" not in said


def test_a_killed_installer_points_to_the_memory(tmp_path: Path) -> None:
    assert "memory ran out" in troubles.failure("", -9, tmp_path / "setup.log")


def test_a_full_disk_is_seen_where_nothing_could_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 4096))
    assert "disk is full" in troubles.failure("", 2, tmp_path / "setup.log")


def test_a_silent_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.invalid:3128")
    said = troubles.explain("Failed to establish a new connection: [Errno 111] Connection refused") or ""
    assert "check the network and the proxy proxy.invalid:3128" in said and "secret" not in said


def test_an_intel_mac_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert "Apple's own processors" in (troubles.explain("No matching distribution found for torch") or "")


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("system", "cpu", "has_torch", "free", "fits"),
    [
        ("Linux", False, False, 8.9, False),
        ("Linux", False, False, 9.1, True),
        ("Linux", True, False, 2.6, True),
        ("Linux", True, False, 2.4, False),
        ("Darwin", False, False, 2.6, True),
        ("Windows", False, False, 2.4, False),
        ("Linux", False, True, 1.1, True),
        ("Linux", False, True, 0.9, False),
    ],
)
def test_the_disk_is_measured_before_the_download(
    system: str, cpu: bool, has_torch: bool, free: float, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, int(free * 1e9)))
    if fits:
        disk.check_disk(Path("."), cpu, has_torch)
        return
    with pytest.raises(Trouble, match=rf"has {free} GB free .* free some space") as err:
        disk.check_disk(Path("."), cpu, has_torch)
    assert ("--cpu" in str(err.value)) == (system == "Linux" and not cpu and not has_torch)


def words(steps: list[list[str]]) -> list[str]:
    return [" ".join(argv[1:]).replace(str(paths.ROOT), ".") for argv in steps]


def test_the_steps_of_a_plain_setup() -> None:
    steps = words(install.steps(Path("py"), ["test"], False))
    assert steps == [f"-m pip install -c .{os.sep}constraints.txt -e .[test]"]


def test_the_cpu_build_is_put_there_before_pip_would_take_the_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    steps = words(install.steps(Path("py"), [], True))
    assert steps[0] == "-m pip install uv"
    assert steps[1].startswith("-m uv pip install --python py --torch-backend cpu --no-deps -c ")
    assert steps[1].endswith(" torch torchvision")
    assert steps[2].endswith("-e .")


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_where_every_build_is_small_cpu_changes_nothing(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    assert install.steps(Path("py"), [], True) == install.steps(Path("py"), [], False)


def test_downloads_stay_in_the_clone_unless_somebody_chose_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_CACHE_DIR", raising=False)
    env = install.installer_env(tmp_path, tmp_path / "log")
    assert env["PIP_CACHE_DIR"] == str(tmp_path / "pip") and env["TMPDIR"] == str(tmp_path / "tmp")
    monkeypatch.setenv("PIP_CACHE_DIR", "/theirs")
    assert install.installer_env(tmp_path, tmp_path / "log")["PIP_CACHE_DIR"] == "/theirs"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty clone; what pip would do is written down instead of done."""
    root = tmp_path / "clone"
    root.mkdir()
    for name, path in {"ROOT": root, "VENV": root / ".venv", "PYPROJECT": paths.PYPROJECT}.items():
        monkeypatch.setattr(paths, name, path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, int(1e12)))
    monkeypatch.setattr(venv, "make", make_small)
    monkeypatch.setattr(venv, "has_pip", lambda python: True)
    return root


def pretend(monkeypatch: pytest.MonkeyPatch, ran: list[str], fails: BaseException | None = None) -> None:
    """Installers are written down in `ran` instead of run."""

    def run_step(argv: list[str], env: Any, log: Path) -> None:
        ran.append(" ".join(argv[1:]))
        if fails:
            raise fails

    monkeypatch.setattr(install, "run_step", run_step)


def ready_when(monkeypatch: pytest.MonkeyPatch, ran: list[str]) -> None:
    """The environment is ready once pip ran to its end."""
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, ready=bool(ran)))


def test_setup_makes_an_environment_and_fills_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    pretend(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    made = install.install(["test"])
    assert made.ready and made.python == paths.venv_python(clone / ".venv")
    assert venv.python_version(made.python) == sys.version_info[:2]
    assert len(ran) == 1 and ran[0].endswith("-e .[test]")
    assert not (clone / ".venv" / "setup-downloads").exists()


def test_an_interrupted_setup_continues(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python))
    pretend(monkeypatch, ran, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        install.install([])
    download = clone / ".venv" / "setup-downloads" / "pip" / "half"
    download.parent.mkdir()
    download.write_text("kept")
    before = (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns

    ran.clear()
    pretend(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    assert install.install([]).ready
    assert (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == before  # what worked was kept
    assert not download.exists()


def test_the_cpu_build_after_half_of_the_large_one_starts_again(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    half = clone / ".venv" / "lib" / "python3.11" / "site-packages" / "nvidia" / "cudnn" / "half"
    make_small(clone / ".venv")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text("half a library")
    assert not venv.forget_cuda(clone / ".venv")  # not filled from here
    (clone / ".venv" / "setup.log").touch()
    ran: list[str] = []
    pretend(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    assert install.install([], cpu=True).ready
    assert not half.exists() and "Starting again" in capsys.readouterr().out


def test_a_setup_that_left_something_out_says_what(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, [])
    lacks = [{"name": "torch", "wanted": ">=2.6", "found": None, "ok": False}]
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, requirements=lacks))
    with pytest.raises(Trouble, match="still lacks torch: delete"):
        install.install([])


def test_the_second_of_two_setups_finds_the_work_done(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    pretend(monkeypatch, ran)
    python = paths.venv_python(clone / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, ready=True))
    assert install.install([]).ready and not ran


def test_what_an_installer_prints_is_seen_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It writes to the terminal itself, so that its own progress bar moves."""
    install.run_step([sys.executable, "-c", "print('pip at work')"], os.environ, tmp_path / "setup.log")
    assert capfd.readouterr().out == "pip at work\n"


def test_a_failing_installer_is_read_in_its_log_from_this_run_on(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    log.write_text("ERROR: No matching distribution found for torch\n")
    code = f"import sys; open({str(log)!r}, 'a').write('[Errno 28] No space left on device'); sys.exit(1)"
    with pytest.raises(Trouble, match="disk is full"):
        install.run_step([sys.executable, "-c", code], os.environ, log)
    with pytest.raises(Trouble, match="see above"):
        install.run_step([sys.executable, "-c", "raise SystemExit(2)"], os.environ, log)


def test_pip_itself_without_a_network(tmp_path: Path) -> None:
    """The real pip, sent to a port at which nobody listens, writes what is looked for into its log."""
    log = tmp_path / "setup.log"
    env = install.installer_env(tmp_path, log) | {"PIP_RETRIES": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    (tmp_path / "tmp").mkdir()
    argv = [sys.executable, "-m", "pip", "install", "--dry-run", "no-such-package-of-nnlab"]
    with pytest.raises(Trouble, match="server cannot be reached"):
        install.run_step(argv, env, log)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_stopped_setup_stops_its_installer(tmp_path: Path) -> None:
    """SIGTERM as `main` handles it: the installer ends with it."""
    pid_file = tmp_path / "pid"
    inner = f"import os, time; open({str(tmp_path / 'new')!r}, 'w').write(str(os.getpid())); "
    inner += f"os.replace({str(tmp_path / 'new')!r}, {str(pid_file)!r}); time.sleep(60)"
    code = f"""
import os, signal, sys
from pathlib import Path
from nnlab.dev.environment.install import run_step
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
run_step([sys.executable, "-c", {inner!r}], os.environ, Path("setup.log"))
"""
    outer = subprocess.Popen([sys.executable, "-c", code], cwd=paths.ROOT)
    while not pid_file.exists():
        time.sleep(0.02)
    outer.terminate()
    assert outer.wait(30) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_an_interrupt_says_how_to_continue(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(extras: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(interpreter, "find", stop)
    assert main.main(["setup"]) == 130
    assert "Type the same again to go on" in capsys.readouterr().err


def test_a_childs_exit_status_is_passed_on() -> None:
    assert child.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7
    if os.name != "nt":
        assert child.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137
