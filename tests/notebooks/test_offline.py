"""Every notebook runs with the network cut, and does not even try to reach it."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Loaded by every Python that has its folder on PYTHONPATH: the kernel, and what the kernel starts.
CUT = """
import os, socket

def outside(address):
    if not isinstance(address, tuple):  # a path: a socket of this machine
        return False
    host = str(address[0])
    return not (host in ("localhost", "::1", "", "0.0.0.0") or host.startswith("127."))

def refuse(what):
    with open(os.environ["NNLAB_TRIED"], "a") as log:
        log.write(f"{what}\\n")
    raise OSError(f"the network is cut: {what}")

class Socket(socket.socket):
    def connect(self, address):
        return refuse(address) if outside(address) else super().connect(address)

    def connect_ex(self, address):
        return refuse(address) if outside(address) else super().connect_ex(address)

    def sendto(self, data, *rest):
        return refuse(rest[-1]) if outside(rest[-1]) else super().sendto(data, *rest)

look_up = socket.getaddrinfo

def getaddrinfo(host, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    return refuse(name) if name and outside((name, 0)) else look_up(host, *rest, **named)

socket.socket, socket.getaddrinfo = Socket, getaddrinfo
"""

TRY = """
import socket
try:
    socket.create_connection(("example.org", 80), timeout=1)
except OSError as error:
    print(error)
"""


@pytest.fixture
def cut(tmp_path: Path) -> dict[str, str]:
    """The environment of a kernel without network; what it tries is written into NNLAB_TRIED."""
    (tmp_path / "sitecustomize.py").write_text(CUT)
    path = os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")])
    tried, progress = str(tmp_path / "tried"), str(tmp_path / "progress.json")
    return {**os.environ, "PYTHONPATH": path, "NNLAB_TRIED": tried, "NNLAB_PROGRESS": progress}


def run(notebook: nbformat.NotebookNode, env: dict[str, str]) -> nbformat.NotebookNode:
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT}})
    return client.execute(env=env)


def test_the_cut_cuts(cut):
    cell = nbformat.v4.new_code_cell(TRY)
    notebook = run(nbformat.v4.new_notebook(cells=[cell]), cut)
    assert "the network is cut" in notebook.cells[0].outputs[0].text
    assert "example.org" in Path(cut["NNLAB_TRIED"]).read_text()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_runs_without_network(path, cut):
    run(nbformat.read(path, as_version=4), cut)
    tried = Path(cut["NNLAB_TRIED"])
    assert not tried.exists(), f"it tried to reach {tried.read_text()}"
