"""The notebooks as pages: `python -m nnlab book` runs this in the finished environment."""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nnlab.course import by_part
from nnlab.dev.paths import NOTEBOOKS
from nnlab.dev.say import Trouble, say
from nnlab.glossary import glossary

from .frames import films, shown_by
from .pages import OTHERS, PICTURES, BookPage, NoWords, joined, linked_cells, relink, targets
from .site import render

MARK = ".buildinfo"  # Sphinx leaves it in what it made

INTRODUCTION = """# nnlab: a workbook for learning neural networks

You read a formula, see it as a few lines of NumPy, and meet the same thing in PyTorch with proof that both agree. These
pages are the course's notebooks as they were run, for reading: nothing is computed here. A slider under a picture shows
what was computed ahead, and the answer to a guess is folded until you open it. To move every control, to do the
exercises and to have your guesses kept, open the notebooks: `python3 -m nnlab lab`.

What a word means, and where it is introduced: the [glossary](glossary.md).

"""
GLOSSARY = "# Glossary\n\nThe course's terms; the number leads to the place that introduces each.\n\n"


def contents(stems: Sequence[str]) -> str:
    """The first page: the parts of the course with the chapters that are in this book."""
    text = INTRODUCTION
    for part, chapters in by_part().items():
        inside = [one.notebook.stem for one in chapters if one.notebook.stem in stems]
        if inside:
            text += toctree(part, inside)
    return text + toctree("Reference", ["glossary", "data"])


def toctree(caption: str, pages: Sequence[str]) -> str:
    """Some pages with a heading, in the contents and in the sidebar."""
    return f"```{{toctree}}\n:caption: {caption}\n:maxdepth: 1\n\n" + "\n".join(pages) + "\n```\n\n"


def make_room(out: Path) -> None:
    """An empty folder to build in. Raises Trouble rather than delete what is no book."""
    if out.is_dir() and any(out.iterdir()):
        if not (out / MARK).is_file():
            raise Trouble(f"{out} holds something else than a book: name another folder with --out.")
        shutil.rmtree(out)
    (out / PICTURES).mkdir(parents=True, exist_ok=True)


def build(paths: Sequence[Path], out: Path, frames: bool = True) -> None:
    """Make the book of these notebooks in the folder `out`, and say what was made. Raises Trouble if a link, a formula
    or a picture's text is at fault."""
    begun = time.perf_counter()
    make_room(out)
    notebooks = {path.stem: json.loads(path.read_text("utf-8")) for path in paths}
    cells = [cell for one in notebooks.values() for cell in one["cells"] if cell["cell_type"] == "code"]
    calls = [call for cell in cells if (call := shown_by(joined(cell["source"])))]
    recorded = films(calls) if frames else {}
    for call, film in recorded.items():
        if film.frames is None:
            say(f"  {call} stays as it is stored: {film.why}.")
    words = glossary()
    linked = (linked_cells(notebooks) | targets(words)) & {
        cell["id"] for one in notebooks.values() for cell in one["cells"]
    }
    with tempfile.TemporaryDirectory(prefix="nnlab-book-") as place:
        source = Path(place) / "source"
        source.mkdir()
        (source / "index.md").write_text(contents(list(notebooks)), "utf-8")
        (source / "glossary.md").write_text(GLOSSARY + relink(words, notebooks, linked), "utf-8")
        for file, name in OTHERS.items():
            text = (NOTEBOOKS / file).read_text("utf-8")
            (source / f"{name}.md").write_text(relink(text, notebooks, linked), "utf-8")
        moved = 0
        for stem, notebook in notebooks.items():
            page = BookPage(stem, recorded, lambda name, content: (out / PICTURES / name).write_bytes(content))
            try:
                ready = page.prepared(notebook, notebooks.keys(), linked)
            except NoWords as error:
                raise Trouble(str(error)) from error
            (source / f"{stem}.ipynb").write_text(json.dumps(ready), "utf-8")
            moved += page.moved
        said = io.StringIO()
        render(source, out, Path(place) / "doctrees", said)
        shutil.rmtree(out / "_sources", ignore_errors=True)  # empty
        if faults := said.getvalue().replace(f"{source}/", "").strip():
            raise Trouble(f"The book has faults:\n{faults}")
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    seconds = time.perf_counter() - begun
    say(f"{len(notebooks)} chapters, {moved} explorers that move, {size:.0f} MB, made in {seconds:.0f} s.")
    say(f"Open {out / 'index.html'} in a browser.")


def main(words: Sequence[str]) -> int:
    """Build what the command asked for; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-frames", action="store_true")
    parser.add_argument("out", type=Path)
    parser.add_argument("notebooks", type=Path, nargs="+")
    options = parser.parse_args(words)
    try:
        build(options.notebooks, options.out, not options.no_frames)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
