"""Set-up: what is run, what an interrupt leaves, and what each failure says."""

import itertools
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from nnlab._cli import child, disk, environment, install, lock, main, paths, stream, troubles, venv
from nnlab._cli.environment import Environment
from nnlab._cli.progress import Progress
from nnlab._cli.say import Trouble

SAID = {
    "disk is full": [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device: '/x'",
        "error: Failed to write to the distribution cache: No space left on device (os error 28)",
        "OSError: [WinError 112] There is not enough space on the disk",
        "OSError: [Errno 122] Disk quota exceeded",
    ],
    "check the network": [
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed to establish a "
        "new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/\n"
        "ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\n"
        "ERROR: No matching distribution found for torch",
        "[Errno 11001] getaddrinfo failed",
        "[Errno 8] nodename nor servname provided, or not known",
        "[Errno 101] Network is unreachable",
        "error: Request failed after 3 retries\n  cause: error sending request for url\n  cause: dns error",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.",
        "ConnectionResetError: [Errno 104] Connection reset by peer",
    ],
    "proxy refused": [
        "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))",
        "407 Proxy Authentication Required",
    ],
    "certificate is not trusted": [
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
        "invalid peer certificate: UnknownIssuer",
    ],
    "arrived damaged": ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."],
    "fault of its own": ["ERROR: HTTP error 503 while getting a file", "503 Service Unavailable"],
    "refused to answer": ["ERROR: HTTP error 403 while getting a file"],
    "A path got too long": [
        "HINT: This error might have occurred since this system does not have Windows ... enable Long Path"
    ],
    "cannot be written": [
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'",
        "PermissionError: [WinError 5] Access is denied",
        "[Errno 30] Read-only file system",
    ],
    "memory ran out": ["MemoryError"],
    "contradict one another": ["ERROR: ResolutionImpossible: for help visit"],
    "There is no torch for Python": [
        "ERROR: Could not find a version that satisfies the requirement torch>=2.6 (from versions: none)\n"
        "ERROR: No matching distribution found for torch>=2.6",
        "Because torch==2.14.1 has no wheels with a matching platform tag",
    ],
    "without a ready-made build": ["error: subprocess-exited-with-error", "ERROR: Failed building wheel for pyzmq"],
}


@pytest.mark.parametrize(("sentence", "output"), [(key, text) for key, texts in SAID.items() for text in texts])
def test_a_known_failure_gets_one_sentence_with_a_cure(sentence: str, output: str, tmp_path: Path) -> None:
    said = stream.failure(f"Collecting torch\n{output}\n", 1, tmp_path / "setup.log")
    assert sentence in said
    assert "setup.log" in said and "\n" not in said and "{" not in said


def test_an_unknown_failure_shows_the_last_error(tmp_path: Path) -> None:
    said = stream.failure("ERROR: first\nERROR: something odd\nhint: nothing\n", 1, tmp_path / "setup.log")
    assert said.startswith("The installation failed: ERROR: something odd (")


def test_a_killed_installer_points_to_the_memory(tmp_path: Path) -> None:
    assert "memory ran out" in stream.failure("", -9, tmp_path / "setup.log")


def test_a_silent_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.invalid:3128")
    said = troubles.explain("Failed to establish a new connection: [Errno 111] Connection refused") or ""
    assert "check the network and the proxy proxy.invalid:3128" in said and "secret" not in said


def test_an_intel_mac_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert "Apple's own processors" in (troubles.explain("No matching distribution found for torch") or "")


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_names_debians_package(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = venv.importlib.util.find_spec
    monkeypatch.setattr(venv.importlib.util, "find_spec", lambda name: None if name == module else find(name))
    with pytest.raises(Trouble) as err:
        venv.require_venv_module()
    assert f"python3.{sys.version_info[1]}-venv, or python3-venv" in str(err.value).replace("`", "").replace(")", "")


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


def words(steps: list[tuple[str, list[str]]]) -> list[str]:
    return [" ".join(argv[1:]).replace(str(paths.ROOT), ".") for _, argv in steps]


def test_the_steps_of_a_plain_setup() -> None:
    steps = words(install.steps(Path("py"), ["test"], False, (23, 2)))
    assert steps == [
        "-m pip install --upgrade pip>=24.1",
        f"-m pip install --progress-bar raw -c .{os.sep}constraints.txt -e .[test]",
    ]
    assert len(install.steps(Path("py"), [], False, (25, 0))) == 1


def test_the_cpu_build_is_put_there_before_pip_would_take_the_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    steps = words(install.steps(Path("py"), [], True, (25, 0)))
    assert steps[0] == "-m pip install uv"
    assert steps[1].startswith("-m uv pip install --python py --torch-backend cpu --no-deps -c ")
    assert steps[1].endswith(" torch torchvision")
    assert steps[2].endswith("-e .")


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_where_every_build_is_small_cpu_changes_nothing(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    assert install.steps(Path("py"), [], True, (25, 0)) == install.steps(Path("py"), [], False, (25, 0))


def test_the_pin_of_torch_holds_the_cpu_build_too() -> None:
    from packaging.requirements import Requirement

    lines = paths.CONSTRAINTS.read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    torch = next(pin for pin in pins if pin.name == "torch")
    (version,) = [spec.version for spec in torch.specifier]
    assert torch.specifier.contains(f"{version}+cpu") and torch.specifier.contains(f"{version}+cu130")


def test_every_requirement_is_pinned_in_its_range() -> None:
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = paths.CONSTRAINTS.read_text("utf-8").splitlines()
    pins = {canonicalize_name(pin.name): pin for pin in map(Requirement, (x for x in lines if not x.startswith("#")))}
    project = tomllib.loads(paths.PYPROJECT.read_text("utf-8"))["project"]
    for text in itertools.chain(project["dependencies"], *project["optional-dependencies"].values()):
        wanted = Requirement(text)
        (pin,) = pins[canonicalize_name(wanted.name)].specifier
        assert pin.operator == "==" and wanted.specifier.contains(pin.version), text
        assert {spec.operator for spec in wanted.specifier} == {">=", "<"}, f"{text} needs a lower and an upper bound"


def test_downloads_stay_in_the_clone_unless_somebody_chose_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_CACHE_DIR", raising=False)
    env = install.installer_env(tmp_path)
    assert env["PIP_CACHE_DIR"] == str(tmp_path / "pip") and env["TMPDIR"] == str(tmp_path / "tmp")
    monkeypatch.setenv("PIP_CACHE_DIR", "/theirs")
    assert install.installer_env(tmp_path)["PIP_CACHE_DIR"] == "/theirs"


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


def fake_stream(monkeypatch: pytest.MonkeyPatch, ran: list[str], fails: BaseException | None = None) -> None:
    def run(argv: list[str], cwd: Path, env: Any, progress: Progress, log: Path) -> None:
        ran.append(" ".join(argv[1:]))
        if fails:
            raise fails

    monkeypatch.setattr(install, "stream", run)


def ready_when(monkeypatch: pytest.MonkeyPatch, ran: list[str]) -> None:
    """The environment is ready once pip ran to its end."""
    monkeypatch.setattr(environment, "look", lambda python, extras: Environment(python, ready=bool(ran), pip="25.0"))


def test_setup_makes_an_environment_and_fills_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    fake_stream(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    made = install.install(["test"])
    assert made.ready and made.python == paths.venv_python(clone / ".venv")
    assert venv.python_version(made.python) == sys.version_info[:2]
    assert len(ran) == 1 and ran[0].endswith("-e .[test]")
    assert not (clone / ".venv" / "setup-downloads").exists()


def test_an_interrupted_setup_goes_on(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(environment, "look", lambda python, extras: Environment(python, pip="25.0"))
    fake_stream(monkeypatch, ran, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        install.install([])
    download = clone / ".venv" / "setup-downloads" / "pip" / "half"
    download.parent.mkdir()
    download.write_text("kept")
    before = (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns

    ran.clear()
    fake_stream(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    assert install.install([]).ready
    assert (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == before  # what worked was kept
    assert not download.exists()


def test_the_cpu_build_after_half_of_the_large_one_begins_anew(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    half = clone / ".venv" / "lib" / "python3.11" / "site-packages" / "nvidia" / "cudnn" / "half"
    make_small(clone / ".venv")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text("half a library")
    assert not venv.forget_cuda(clone / ".venv")  # not filled from here
    (clone / ".venv" / "setup.log").touch()
    ran: list[str] = []
    fake_stream(monkeypatch, ran)
    ready_when(monkeypatch, ran)
    assert install.install([], cpu=True).ready
    assert not half.exists() and "Beginning anew" in capsys.readouterr().out


def test_a_setup_that_left_something_out_says_what(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_stream(monkeypatch, [])
    lacks = [{"name": "torch", "wanted": ">=2.6", "found": None, "ok": False}]
    monkeypatch.setattr(environment, "look", lambda python, extras: Environment(python, pip="25", requirements=lacks))
    with pytest.raises(Trouble, match="still lacks torch: delete"):
        install.install([])


def test_the_second_of_two_setups_finds_the_work_done(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    fake_stream(monkeypatch, ran)
    python = paths.venv_python(clone / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(environment, "look", lambda python, extras: Environment(python, ready=True))
    assert install.install([]).ready and not ran


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


def broken_venv(folder: Path) -> Path:
    """As an interrupt between two steps of `venv` leaves it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /gone\n")
    return folder


def make_small(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)


def test_a_broken_environment_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "make", make_small)
    folder = broken_venv(tmp_path / ".venv")
    assert venv.python_version(venv.prepare(folder)) == sys.version_info[:2]


def test_an_environment_that_was_barely_begun_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "make", make_small)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    assert venv.python_version(venv.prepare(tmp_path / ".venv")) == sys.version_info[:2]


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(Trouble, match="in the way"):
        venv.prepare(folder)
    assert (folder / "thesis.txt").exists()


def test_missing_pip_is_put_there_and_the_rest_kept(tmp_path: Path) -> None:
    make_small(tmp_path / ".venv")
    (tmp_path / ".venv" / "mine").write_text("")
    python = venv.prepare(tmp_path / ".venv")
    assert venv.has_pip(python) and (tmp_path / ".venv" / "mine").exists()


def test_an_environment_of_an_old_python_is_not_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "python_version", lambda python: (3, 9))
    (tmp_path / ".venv").mkdir()
    with pytest.raises(Trouble, match=r"made with Python 3\.9, which is too old: delete it"):
        venv.prepare(tmp_path / ".venv")
    assert (tmp_path / ".venv").exists()


def test_packages_cut_off_while_unpacking_are_forgotten(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.dist-info", "half-1.dist-info"):
        (site / name).mkdir(parents=True)
    (site / "whole-1.dist-info" / "RECORD").touch()
    assert venv.sweep(tmp_path) == ["half-1.dist-info"]
    assert [path.name for path in site.iterdir()] == ["whole-1.dist-info"]


def test_venv_failing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"\.venv") as err:
        venv.make(tmp_path / f"a{os.pathsep}b")
    assert "\n" not in str(err.value)


class Terminal:
    """A stand-in for a screen, or for a log file."""

    def __init__(self, tty: bool) -> None:
        self.tty, self.text = tty, ""

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None: ...


def run_stream(code: str, log: Path, tty: bool = False) -> str:
    screen = Terminal(tty)
    with Progress(screen) as progress:  # type: ignore[arg-type]
        stream.stream([sys.executable, "-u", "-c", code], log.parent, dict(os.environ), progress, log)
    return screen.text


PIP = """print('''Collecting torch
  Downloading torch-2.14.1-cp311.whl (554.6 MB)
Progress 100 of 400
Progress 400 of 400
  Downloading tiny-1.0-py3.whl (12 kB)
Installing collected packages: tiny, torch''')"""


def test_a_log_gets_the_large_downloads_and_a_terminal_their_percentage(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    assert run_stream(PIP, log) == "  downloading torch-2.14.1 (554.6 MB)\n  unpacking\n"
    screen = run_stream(PIP, log, tty=True)
    assert "downloading torch-2.14.1 (554.6 MB): 25 %" in screen and "looking up torch" in screen
    text = log.read_text()
    assert "Collecting torch" in text
    assert text.count("Progress 100") == 2  # in the two commands themselves, and not in what they printed


def test_a_failing_installer_raises_its_sentence_and_keeps_the_log(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    with pytest.raises(Trouble, match="disk is full"):
        run_stream("import sys; sys.exit('OSError: [Errno 28] No space left on device')", log)
    assert "No space left" in log.read_text()


def test_a_log_that_cannot_be_written_does_not_hide_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="disk is full"):
        screen = Progress(Terminal(False))  # type: ignore[arg-type]
        argv = [sys.executable, "-c", "import sys; sys.exit('No space left on device')"]
        stream.stream(argv, tmp_path, dict(os.environ), screen, tmp_path / "none" / "setup.log")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_stopped_setup_stops_its_installer(tmp_path: Path) -> None:
    """SIGTERM as `main` handles it: the installer ends with it, and the log is kept."""
    inner = "import os, pathlib, time; print(os.getpid()); pathlib.Path('begun').touch(); time.sleep(60)"
    code = f"""
import os, signal, sys
from pathlib import Path
from nnlab._cli.progress import Progress
from nnlab._cli.stream import stream
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
here = Path({str(tmp_path)!r})
stream([sys.executable, "-u", "-c", {inner!r}], here, os.environ, Progress(), here / "setup.log")
"""
    outer = subprocess.Popen([sys.executable, "-c", code], cwd=paths.ROOT, stdout=subprocess.DEVNULL)
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    outer.terminate()
    assert outer.wait(30) == 143
    pid = int((tmp_path / "setup.log").read_text().splitlines()[-1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_interrupt_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(extras: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "find", stop)
    assert main.main(["setup"]) == 130
    assert "Type the same again to go on" in capsys.readouterr().err


def test_a_childs_exit_status_is_passed_on() -> None:
    assert child.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7
    if os.name != "nt":
        assert child.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137
