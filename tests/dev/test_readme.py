"""What the README says is so: its commands run, its map is the course's, its example works."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch

from nnlab.course import readme_map
from nnlab.scratch import activations
from nnlab.twins import parity
from nnlab.twins.rows import _activation_row

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"python3 -m nnlab [a-z0-9 -]+", README)))

# How each command is tried without doing its whole work again. `lab` and `bench sliders` have tests of their own.
TRIED_AS = {
    "setup": ["setup"],
    "setup --cpu": ["setup", "--cpu"],
    "doctor": ["doctor"],
    "execute": ["execute", "--check", "00"],
    "execute 02": ["execute", "--check", "02"],
    "test": ["test", "unit", "parity", "contracts", "chapters", "notebooks", "browser", "--collect-only", "-q"],
    "test unit": ["test", "unit", "parity", "contracts", "chapters", "notebooks", "browser", "--collect-only", "-q"],
}
TRIED_ELSEWHERE = {
    "test --changed": "tests/dev/test_changed.py",
    "lab": "test_lab_serves_the_start_page",
    "bench sliders": "tests/browser",
    "train configs": "tests/dev/test_inside_train.py",
    "search configs": "tests/dev/test_inside_search.py",
    "serve": "tests/serve/test_running.py",
    "site --serve": "tests/browser/test_site.py",
    "predict": "tests/serve/test_batch.py",
    "progress": "tests/dev/test_class_progress.py",
    "book": "tests/browser/test_book.py",
}


def nnlab(*words):
    return subprocess.run(
        [sys.executable, "-m", "nnlab", *words], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300
    )


def test_every_command_of_the_readme_is_tried():
    said = {command.removeprefix("python3 -m nnlab ").strip() for command in COMMANDS}
    assert said == {*TRIED_AS, *TRIED_ELSEWHERE}


@pytest.mark.parametrize("words", sorted({" ".join(words) for words in TRIED_AS.values()}))  # some serve for two
def test_a_command_of_the_readme_runs(words):
    done = nnlab(*words.split())
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_lab_serves_the_start_page():
    words = [sys.executable, "-m", "nnlab", "lab", "--no-browser", "--port=0", "--IdentityProvider.token=t"]
    lab = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address, deadline = None, time.monotonic() + 90
        while address is None and time.monotonic() < deadline:
            line = lab.stdout.readline()
            found = re.search(r"http://(localhost|127\.0\.0\.1):\d+", line)
            address = found and found[0]
        assert address, "JupyterLab named no address"
        page = f"{address}/api/contents/notebooks/00_start_here.ipynb?token=t&content=0"
        while time.monotonic() < deadline:  # it names the address a moment before it answers
            try:
                assert urllib.request.urlopen(page).status == 200
                return
            except urllib.error.URLError:
                time.sleep(0.2)
        pytest.fail("JupyterLab did not answer")
    finally:
        lab.terminate()
        lab.wait(30)


def test_the_map_is_the_course():
    assert readme_map() in README, "write what nnlab.course.readme_map() gives between the map's two marks"


def test_links_and_pictures_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_activation_of_the_readme_is_one_row():
    code = re.search(r"```python\n(def softplus.*?)```", README, re.S)[1]
    functions, row = code.split("\n\nActivation(")
    space = dict(vars(activations))
    exec(functions, space)
    row = eval(f"Activation({row}", space)
    rng = np.random.default_rng(0)
    x = 3 * rng.normal(size=(4, 5))
    theirs = eval(_activation_row(row).theirs, {"torch": torch})
    activations.ACTIVATIONS[row.name] = row
    try:
        assert parity(row.layer(), theirs, x, rng=rng).agree
    finally:
        del activations.ACTIVATIONS[row.name]


def test_conda_uses_the_packages_own_extras():
    import yaml

    wanted = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(part["pip"] for part in wanted if isinstance(part, dict))
    assert "--editable .[test]" in pip and not re.search(r"[<>=]=", (ROOT / "environment.yml").read_text())
