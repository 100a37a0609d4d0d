"""The container's recipe. A linter passes a container that runs as root, so what matters is asked for here."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
TEXT = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Dockerfile").read_text("utf-8"))
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
NAMES = [r for r in (ROOT / "deploy/requirements.txt").read_text("utf-8").split("\n") if r and not r.startswith("#")]


def values(word):
    return [rest for name, rest in LINES if name == word]


def test_it_does_not_run_as_root():
    (user,) = values("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    words = [word for word, _ in LINES]
    assert words.index("USER") > len(words) - 1 - words[::-1].index("COPY"), "the user can't write what was copied"


def test_its_health_is_checked_and_it_gets_its_signals():
    (check,) = values("HEALTHCHECK")
    assert "--interval" in check and "/ready" in check
    (entry,) = values("ENTRYPOINT")
    assert entry.startswith('["python", "-m", "nnlab.serve"') and "pickle" not in TEXT


def test_it_is_pinned_small_and_has_two_stages():
    (python,) = [value for value in values("ARG") if value.startswith("PYTHON=")]
    assert re.search(r":\d+\.\d+\.\d+-slim", python) and len(values("FROM")) == 2
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {canonicalize_name(Requirement(line).name) for line in lines if line and line[0] != "#"}
    assert set(NAMES) <= pins and "--constraint" in TEXT
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert set(NAMES) <= {Requirement(text).name for text in listed}


def test_what_it_installs_is_what_serving_imports_and_that_keeps_quiet(tmp_path):
    """ONNX Runtime would write an id of the computer into the home folder, and tell its maker what it does."""
    code = "import sys, nnlab.serve.worker, nnlab.serve.__main__; print(*{m.split('.')[0] for m in sys.modules})"
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}  # in CI's own it keeps quiet
    words = [sys.executable, "-c", code]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env=env)
    assert run.stderr == "" and not list(tmp_path.rglob("*"))
    loaded = set(run.stdout.split())
    assert {"flask", "numpy", "onnxruntime", "orjson", "prometheus_client", "waitress"} <= loaded
    assert not loaded & {
        "torch",
        "matplotlib",
        "onnx",
        "sklearn",
        "scipy",
        "PIL",
        "ipywidgets",
        "pyarrow",
        "distributed",
    }


def test_the_compose_file_gives_it_little():
    service = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]["model"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"] and service["mem_limit"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    grace = int(service["stop_grace_period"].removesuffix("s"))
    assert grace > 10, "longer than the service's own grace"
