"""Many progress files as one table: `python -m nnlab progress FOLDER` runs this in the finished environment."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from nnlab.course import CHAPTERS
from nnlab.dev.say import say
from nnlab.exercises import ALL
from nnlab.exercises.progress_file import Content, DamagedFile, by_chapter, read
from nnlab.files import replacing
from nnlab.table import Table

STUCK = 3  # tries without success; fewer are work in progress
SHOWN = 15  # rows of the commonest mistakes and of the guesses that failed


@dataclass
class ClassProgress:
    """What each student did. students: name to the content of the file; unread: name to why its file was left out."""

    students: dict[str, Content]
    unread: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, str, str, object, object, object]]:
        """(student, kind, id, tries, result, commonest mistake or answer) for every exercise and guess that was begun;
        the result is "solved", "not solved", "held", "failed" or "open"."""
        for name, content in self.students.items():
            for id, entry in content.exercises.items():
                mistakes: Counter[str] = Counter(entry.get("mistakes", {}))
                common = mistakes.most_common(1)[0][0] if mistakes else ""
                yield name, "exercise", id, entry["tries"], "solved" if entry["solved"] else "not solved", common
            for id, entry in content.guesses.items():
                result = {True: "held", False: "failed", None: "open"}[entry["held"]]
                yield name, "guess", id, "", result, entry["guess"] or ""

    def solved(self) -> Table:
        """A row a student, a column a chapter: how many exercises are solved."""
        totals = by_chapter(dict.fromkeys(ALL, False))
        chapters = [one.number for one in CHAPTERS if one.number in totals]
        rows = []
        for name, content in self.students.items():
            done = by_chapter({id: content.exercises.get(id, {}).get("solved", False) for id in ALL})
            counts = [done[chapter][0] for chapter in chapters]
            rows.append([name, *(count or "" for count in counts), sum(counts)])
        rows.append(["of", *(totals[chapter][1] for chapter in chapters), len(ALL)])
        return Table(["student", *chapters, "all"], rows)

    def stuck(self) -> Table:
        """The exercises that students tried often and have not solved, the most students first."""
        names: dict[str, list[str]] = {}
        for name, kind, id, tries, result, _ in self.rows():
            if kind == "exercise" and result == "not solved" and isinstance(tries, int) and tries >= STUCK:
                names.setdefault(id, []).append(f"{name} ({tries} tries)")
        order = sorted(names, key=lambda id: (-len(names[id]), id))
        return Table(["exercise", "title", "students"], [[id, title(id), ", ".join(names[id])] for id in order])

    def mistakes(self) -> Table:
        """The known mistakes, by how many students made them, and what `check` told them."""
        students: Counter[tuple[str, str]] = Counter()
        for content in self.students.values():
            students.update((id, mistake) for id, entry in content.exercises.items() for mistake in mistakes_of(entry))
        rows = []
        for (id, mistake), count in sorted(students.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]:
            known = ALL[id].wrong.get(mistake) if id in ALL else None
            rows.append([id, title(id), count, known.message if known else mistake])
        return Table(["exercise", "title", "students", "what they were told"], rows)

    def failed_guesses(self) -> Table:
        """The guesses that were made before their answer came, the most wrong ones first."""
        made: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for content in self.students.values():
            held = {id: entry["held"] for id, entry in content.guesses.items() if entry["held"] is not None}
            made.update(list(held))
            failed.update(id for id, one in held.items() if not one)
        order = sorted(failed, key=lambda id: (-failed[id] / made[id], -made[id], id))[:SHOWN]
        return Table(["guess", "failed", "made"], [[id, failed[id], made[id]] for id in order])

    def csv(self) -> str:
        """`rows` as CSV, with a header."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["student", "kind", "id", "tries", "result", "detail"])
        writer.writerows(tuple(map(harmless, row)) for row in self.rows())
        return text.getvalue()

    def page(self) -> str:
        """All tables as one HTML page that needs nothing else."""
        parts = [
            ("Solved exercises", self.solved(), ""),
            ("Stuck", self.stuck(), f"Tried {STUCK} times or more and not solved."),
            ("The commonest mistakes", self.mistakes(), "Each student counts once."),
            ("Guesses that failed", self.failed_guesses(), "Of those made before the answer came."),
        ]
        body = "".join(
            f"<h2>{escape(head)}</h2><p>{escape(note)}</p>{table._repr_html_() if table.rows else '<p>None.</p>'}"
            for head, table, note in parts
        )
        left = "".join(f"<li>{escape(name)}: {escape(why)}</li>" for name, why in self.unread.items())
        body += f"<h2>Left out</h2><ul>{left}</ul>" if left else ""
        style = "body{font:16px/1.5 system-ui;margin:2rem;color-scheme:light dark}td,th{padding:.2rem .6rem}"
        head = f'<meta charset="utf-8"><title>nnlab: a class</title><style>{style}</style>'
        return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{self}</h1>{body}</body></html>\n'

    def __str__(self) -> str:
        count = len(self.students)
        return f"{count} student{'' if count == 1 else 's'}"


def mistakes_of(entry: Mapping[str, object]) -> list[str]:
    """The names of the known mistakes in an exercise's entry."""
    counts = entry.get("mistakes", {})
    return list(counts) if isinstance(counts, Mapping) else []


def title(id: str) -> str:
    """The exercise's title, "" if this version of the course does not have it."""
    return ALL[id].title if id in ALL else ""


def harmless(cell: object) -> object:
    """A cell that a spreadsheet does not take for a formula: a student's file may hold any text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def gather(folder: Path) -> ClassProgress:
    """Read every `NAME.json` and `NAME/progress.json` below the folder; a student's name is the path without its end.

    Raises ValueError if the folder is not there or holds no such file."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: give the one with the students' progress files.")
    found = ClassProgress({})
    for file in sorted(folder.rglob("*.json")):
        place = file.relative_to(folder)
        name = (
            place.parent if place.name == "progress.json" and len(place.parts) > 1 else place.with_suffix("")
        ).as_posix()
        try:
            found.students[name] = read(file)
        except DamagedFile:
            found.unread[name] = "this is no progress file of this version"
        except OSError as error:
            found.unread[name] = f"it cannot be read: {error.strerror}"
    if not found.students and not found.unread:
        raise ValueError(f"{folder} holds no progress file: each is a .json, as a student's progress.json.")
    return found


def main(argv: list[str]) -> int:
    """FOLDER and OUT: writes OUT.csv and OUT.html. 0, or 1 for a mistake."""
    folder, out = map(Path, argv)
    try:
        found = gather(folder)
        for ending, text in ((".csv", found.csv()), (".html", found.page())):
            with replacing(out.with_name(out.name + ending)) as file:
                file.write(text.encode())
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, why in found.unread.items():
        say(f"{name} is left out: {why}.")
    say(f"{found}: {out.name}.html shows the class, {out.name}.csv has a line for each exercise and guess.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
