"""The progress file survives whatever happens to it."""

import json
import multiprocessing
import os
from datetime import datetime
from pathlib import Path

import pytest
from filelock import FileLock

from nnlab import course, files
from nnlab.exercises import progress_file
from nnlab.exercises.progress_file import SolvedExercises, load, load_solved, path, record


@pytest.fixture
def file(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def entries(file):
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["version"] == 1
    return data["exercises"]


def test_tries_and_the_first_solving_are_kept(file):
    assert record("02.1", False) == "" and record("02.1", False) == ""
    assert entries(file) == {"02.1": {"tries": 2, "solved": False, "first_solved": None}}
    assert record("02.1", True) == ""
    entry = entries(file)["02.1"]
    assert entry["tries"] == 3 and entry["solved"] is True
    assert datetime.fromisoformat(entry["first_solved"]).utcoffset().total_seconds() == 0


def test_what_is_solved_stays_solved_and_the_file_is_left_alone(file):
    record("02.1", True)
    before = file.read_bytes(), file.stat().st_mtime_ns
    record("02.1", False)
    record("02.1", True)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_there_is_no_file_before_the_first_try(file):
    assert load() == (({}, {}), "") and not file.exists() and not list(file.parent.iterdir())


def work(name, rounds):
    for i in range(rounds):
        assert record(f"{name}.{i}", i % 2 == 0) == ""
        assert record("shared", False) == ""


def test_two_notebooks_writing_at_once_lose_nothing(file):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=work, args=(name, 15)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    found = entries(file)
    assert len(found) == 46 and found["shared"]["tries"] == 45
    assert sum(entry["solved"] for entry in found.values()) == 24


def die_while_writing(file):
    os.replace = lambda *_: os._exit(9)
    record("02.2", True)


def test_a_process_killed_while_writing_leaves_the_old_file(file):
    record("02.1", True)
    before = file.read_bytes()
    victim = multiprocessing.get_context("spawn").Process(target=die_while_writing, args=(file,))
    victim.start()
    victim.join()
    assert victim.exitcode == 9 and file.read_bytes() == before
    assert list(file.parent.glob(".progress.json.*"))  # the next writer removes what it left
    assert record("02.2", True) == ""
    assert set(entries(file)) == {"02.1", "02.2"} and not list(file.parent.glob(".progress.json.*"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"null",
        b"[1, 2]",
        b'{"version": 2, "exercises": {}}',
        b'{"exercises": {}}',
        b'{"version": 1}',
        b'{"version": 1, "exercises": []}',
        b'{"version": 1, "exercises": {"02.1": true}}',
        b'{"version": 1, "exercises": {"02.1": {"tries": "3", "solved": false, "first_solved": null}}}',
        b'{"version": 1, "exercises": {"02.1": {"tries": 3, "solved": 1, "first_solved": "now"}}}',
        b'{"version": 1, "exercises": {"02.1": {"tries": 3, "solved": true, "first_solved": null}}}',
        b'{"version": 1, "exercises": {"02.1": {"tries": 3, "solved": true, "first_solved": 7}}}',
        b'{"version": 1, "exercises": {}, "guesses": null}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": "1/4"}}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": {"guess": 4, "revealed": false}}}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": {"guess": "4", "revealed": 1}}}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": {"guess": "4", "revealed": false, "held": true}}}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": {"guess": null, "revealed": true, "held": true}}}',
        b'{"version": 1, "exercises": {}, "guesses": {"02.a": {"guess": "4", "revealed": false, "later": "5"}}}',
    ],
)
@pytest.mark.parametrize("reading", [True, False])
def test_a_damaged_file_is_kept_aside_and_reported(file, content, reading):
    file.write_bytes(content)
    note = load()[1] if reading else record("02.1", True)
    assert note == (
        "progress.json is damaged, or of another version. It is kept as progress.json.damaged-1, "
        "and a new one was started."
    )
    assert Path(f"{file}.damaged-1").read_bytes() == content
    assert record("02.1", True) == "" and set(entries(file)) == {"02.1"}


def test_damage_after_damage_overwrites_nothing(file):
    for number in (1, 2, 3):
        file.write_text(f"broken {number}")
        assert f"progress.json.damaged-{number}" in record("02.1", False)
    assert [Path(f"{file}.damaged-{n}").read_text() for n in (1, 2, 3)] == ["broken 1", "broken 2", "broken 3"]


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(file, monkeypatch):
    record("02.1", True)
    before = file.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert record("02.2", True) == "Your progress could not be saved in progress.json: No space left on device."
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_sentence(file, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", denied)
    assert record("02.1", True) == "Your progress could not be saved in progress.json: Permission denied."
    assert load() == (({}, {}), "")
    file.write_text("broken")
    assert load() == (({}, {}), "progress.json is damaged, and cannot be moved aside. Please rename it.")
    assert file.read_text() == "broken"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user cannot write to")
def test_a_real_read_only_folder(file):
    file.parent.chmod(0o500)
    try:
        assert record("02.1", True) == "Your progress could not be saved in progress.json: Permission denied."
    finally:
        file.parent.chmod(0o700)


def test_a_folder_in_the_files_place_is_one_sentence(file):
    file.mkdir()
    assert record("02.1", True).startswith("Your progress could not be saved in progress.json: ")
    assert load()[1].startswith("Your progress could not be read from progress.json: ")


def test_a_lock_held_too_long_is_one_sentence(file, monkeypatch):
    monkeypatch.setattr(progress_file, "lock", lambda file: FileLock(f"{file}.lock", timeout=0.1))
    with FileLock(f"{file}.lock"):
        assert record("02.1", True) == (
            "Your progress could not be saved in progress.json: another program is holding it."
        )


def test_a_file_open_elsewhere_for_a_moment_is_waited_for(file, monkeypatch):
    refusals = [1, 2]

    class Windows:
        """The module os as it is there, where a file in use is not replaced."""

        name = "nt"

        def __getattr__(self, name):
            return getattr(os, name)

        def replace(self, *names):
            if refusals:
                refusals.pop()
                raise PermissionError(13, "in use")
            os.replace(*names)

    monkeypatch.setattr(files, "os", Windows())
    assert record("02.1", True) == "" and set(entries(file)) == {"02.1"}


def test_the_folder_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "a" / "b" / "progress.json"))
    assert record("02.1", True) == "" and path().exists()


def test_a_tilde_means_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNLAB_PROGRESS", "~/p.json")
    assert record("02.1", True) == "" and set(entries(tmp_path / "p.json")) == {"02.1"}
    assert path() == tmp_path / "p.json" and not (tmp_path / "~").exists()


def test_the_place_without_an_environment_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("NNLAB_PROGRESS", raising=False)
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path / "repository" / "notebooks")
    monkeypatch.chdir(tmp_path)
    assert path() == tmp_path / "progress.json"
    (tmp_path / "repository" / "notebooks").mkdir(parents=True)
    assert path() == tmp_path / "repository" / "progress.json"


def test_a_file_from_before_there_were_guesses_is_read_and_kept(file):
    solved = {"tries": 1, "solved": True, "first_solved": "2025-01-31T09:30:00+00:00"}
    file.write_text(json.dumps({"version": 1, "exercises": {"02.1": solved}}))
    assert load() == (({"02.1": solved}, {}), "")
    record("02.2", False)
    assert entries(file)["02.1"] == solved
    assert json.loads(file.read_text())["guesses"] == {}


def test_progress_counts_by_chapter_and_ignores_what_it_does_not_know(file):
    for id in ("01.1", "02.2", "77.7"):
        record(id, True)
    record("02.1", False)
    found, note = load_solved(["02.1", "01.1", "02.2"])
    assert note == "" and found.solved == {"01.1", "02.2"}
    assert found.counts() == {"01": (1, 1), "02": (1, 2)}
    assert repr(found) == "Exercises solved: 2 of 3\n  01  ■  1 of 1\n  02  ■□  1 of 2"
    assert repr(SolvedExercises((), frozenset())) == "Exercises solved: 0 of 0"


def test_progress_counts_guesses_made_before_their_answer(file):
    closed = {"revealed": True, "later": None}
    guesses = {
        "02.a": {"guess": "no", "held": False, **closed},
        "02.b": {"guess": "yes", "held": True, **closed},
        "03.a": {"guess": None, "held": None, **closed},
        "03.b": {"guess": "9", "revealed": False, "held": None, "later": None},
        "04.a": {"guess": "9", "held": True, **closed},
    }
    file.write_text(json.dumps({"version": 1, "exercises": {}, "guesses": guesses}))
    found, note = load_solved(["02.1"])
    assert note == "" and found.guess_counts() == {"02": (1, 2), "04": (1, 1)}
    assert repr(found).endswith("Guesses that held: 2 of 3 made\n  02  1 of 2\n  04  1 of 1")
