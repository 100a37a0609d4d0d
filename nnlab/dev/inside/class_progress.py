"""Many progress files as one table: `python -m nnlab progress FOLDER` runs this in the finished environment."""

from __future__ import annotations

import ast
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from nnlab.course import CHAPTERS
from nnlab.dev.say import say
from nnlab.exercises import ALL
from nnlab.exercises.progress_file import by_chapter
from nnlab.files import replacing
from nnlab.table import Table

from .class_files import ClassFiles, gather, printable

STUCK = 3  # tries without success; fewer are work in progress
SHOWN = 15  # rows of the commonest mistakes and of the guesses that failed
STYLE = """body{font:16px/1.5 system-ui;margin:2rem;color-scheme:light dark}
table{border-collapse:collapse}td,th{padding:.2rem .6rem;vertical-align:top;border-bottom:1px solid #8886}
td,th{max-width:40rem;overflow-wrap:break-word}tbody tr:hover{background:#8882}"""


class ClassProgress:
    """What each student did, as tables."""

    def __init__(self, files: ClassFiles):
        self.files, self.students = files, files.students

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
        tried: dict[str, list[tuple[int, str]]] = {}
        for name, kind, id, tries, result, _ in self.rows():
            if kind == "exercise" and result == "not solved" and isinstance(tries, int) and tries >= STUCK:
                tried.setdefault(id, []).append((-tries, name))
        order = sorted(tried, key=lambda id: (-len(tried[id]), id))
        who = {id: ", ".join(f"{name} ({-tries})" for tries, name in sorted(tried[id])) for id in order}
        return Table(
            ["exercise", "title", "students", "who (tries)"], [[id, title(id), len(tried[id]), who[id]] for id in order]
        )

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
        """The guesses that were made before their answer came, the most wrong ones first, and what was said most."""
        made: Counter[str] = Counter()
        failed: dict[str, Counter[str]] = {}
        for content in self.students.values():
            for id, entry in content.guesses.items():
                made[id] += entry["held"] is not None
                if entry["held"] is False:
                    failed.setdefault(id, Counter())[entry["guess"]] += 1
        order = sorted(failed, key=lambda id: (-failed[id].total() / made[id], -made[id], id))[:SHOWN]
        asked = questions() if order else {}
        rows = []
        for id in order:
            answer, count = failed[id].most_common(1)[0]
            rows.append([id, asked.get(id, ""), f"{failed[id].total()} of {made[id]}", f"{answer} ({count})"])
        return Table(["guess", "question", "failed", "commonest wrong answer"], rows)

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
            ("Stuck", self.stuck(), f"Tried {STUCK} times or more and not solved, the most students first."),
            ("The commonest mistakes", self.mistakes(), "How many students made each, and what `check` told them."),
            ("Guesses that failed", self.failed_guesses(), "Of those made before the answer came."),
            ("Solved exercises", self.solved(), "By student and chapter."),
        ]
        body = "".join(
            f"<h2>{escape(head)}</h2><p>{escape(note)}</p>{table._repr_html_() if table.rows else '<p>None.</p>'}"
            for head, table, note in parts
        )
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes())
        body += f"<h2>About the files</h2><ul>{notes}</ul>" if notes else ""
        head = f'<meta charset="utf-8"><title>nnlab: a class</title><style>{STYLE}</style>'
        head += '<meta name="viewport" content="width=device-width">'
        return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{self}</h1>{body}</body></html>\n'

    def notes(self) -> list[str]:
        """What the teacher must know about the files: which were left out, and who has two or another one's."""
        files = self.files
        made = [f"{name} is left out: {why}." for name, why in files.unread.items()]
        made += [f"{name} has two files: {which}." for name, which in files.twice.items()]
        made += [f"{', '.join(names)}: their files are the same." for names in files.same]
        if files.others:
            more = f" and {len(files.others) - 5} more" if len(files.others) > 5 else ""
            made.append(f"Not read, since they hold no progress: {', '.join(files.others[:5])}{more}.")
        return made

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


def questions() -> dict[str, str]:
    """The question of each guess, as its notebook asks it."""
    found = {}
    for chapter in CHAPTERS:
        cells = json.loads(chapter.notebook.read_text("utf-8"))["cells"] if chapter.notebook.is_file() else []
        for source in ("".join(cell["source"]) for cell in cells):
            if source.startswith("guess("):
                call = ast.parse(source).body[0].value  # type: ignore[attr-defined]
                id, question = (ast.literal_eval(value) for value in call.args[:2])
                found[id] = question
    return found


def main(argv: list[str]) -> int:
    """FOLDER and OUT: writes OUT.csv and OUT.html. 0, or 1 for a mistake."""
    folder, out = map(Path, argv)
    try:
        found = ClassProgress(gather(folder))
        for ending, text in ((".csv", "\ufeff" + found.csv()), (".html", found.page())):  # Excel wants the mark
            with replacing(out.with_name(out.name + ending)) as file:
                file.write(printable(text).encode())
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for note in found.notes():
        say(note)
    say(f"{found}: {out.name}.html shows the class, {out.name}.csv has a line for each exercise and guess.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
