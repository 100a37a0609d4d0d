"""A notebook made ready for Sphinx: links between notebooks, pictures with their words, explorers that move, guesses
with their answers folded.

Sphinx renders cells and text; what a notebook stores as an output, and a page shows in another way, becomes HTML
here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Mapping
from html import escape
from typing import Any

from nnlab import plots

from .formulas import typeset
from .frames import Film, Frames, shown_by

PICTURES = "pictures"  # the folder next to the pages
OTHERS = {"../data/README.md": "data"}  # what else notebooks link to, and its page

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_CELL = re.compile(r"#cell-id=([\w-]+)$")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
_GUESS = re.compile(r"\[guess (\S+): (.*?) ?Run this cell to answer\.\]", re.S)
_ASKS = re.compile(r"guess\(.*\)", re.S)  # a cell that does nothing else
_REVEALS = re.compile(r'^reveal\(\s*"([^"]+)"', re.M)
_NO_GUESS = re.compile(r"\s+You\s+made\s+no\s+guess:\s+answer\s+first\s+next\s+time\.")
_NOT_STARTED = re.compile(r"(\d\d\.\d+) .*: not\s+started\s+yet\..*", re.S)
_NO_GUESSES = re.compile(r"Your guesses in (\d\d): none before its answer came\.\s*")


class NoWords(Exception):
    """A picture has no alt text; the text says which."""


def slug(heading: str) -> str:
    """A heading's name in a link, as JupyterLab makes it: its text with hyphens for spaces."""
    return heading.strip().replace(" ", "-")


def joined(text: str | list[str]) -> str:
    """A notebook keeps text as one string or as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def linked_cells(notebooks: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The ids of all cells that a link leads to."""
    return {id for one in notebooks.values() for cell in one["cells"] for id in targets(joined(cell["source"]))}


def targets(text: str) -> set[str]:
    """The ids of the cells that the links of a text lead to."""
    return {found[1] for _, target in _LINK.findall(text) if (found := _CELL.search(target))}


def relink(text: str, stems: Collection[str], cells: Collection[str], ending: str = ".ipynb") -> str:
    """Markdown whose links to notebooks and cells lead to the pages `stems` and their `cells`. The text of a link to
    something that is not in this book stays without the link. ending: of a page's name, ".html" where Sphinx takes the
    links as they are."""

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        if re.match(r"[a-z]+:", target):
            return found[0]
        if cell := _CELL.search(target):
            return f"[{words}](#cell-{cell[1]})" if cell[1] in cells else words
        file = target.partition("#")[0]
        if page := OTHERS.get(file):
            return f"[{words}]({page}{'.md' if ending == '.ipynb' else ending})"
        there = not file or (file.endswith(".ipynb") and file[:-6] in stems)
        return f"[{words}]({target.replace('.ipynb', ending)})" if there else words

    pieces = _CODE.split(text)
    return "".join(piece if k % 2 else _LINK.sub(link, piece) for k, piece in enumerate(pieces))


class BookPage:
    """One notebook on its way into the book. `stem` is its name, `write` puts a picture's file into the book."""

    def __init__(self, stem: str, films: Mapping[str, Film], write: Callable[[str, bytes], object]):
        self.stem, self.films, self.write = stem, films, write
        self.moved = 0  # explorers that move in this page

    def prepared(self, notebook: Mapping[str, Any], stems: Collection[str], linked: Collection[str]) -> dict[str, Any]:
        """The notebook as Sphinx gets it. stems: all pages. linked: ids of the cells that links lead to."""
        cells = []
        for cell in notebook["cells"]:
            if cell["id"] in linked:
                target = f"(cell-{cell['id']})="
                cells.append({"cell_type": "markdown", "id": f"to-{cell['id']}", "metadata": {}, "source": target})
            new = {**cell, "metadata": {}, "source": joined(cell["source"])}
            if cell["cell_type"] == "markdown":
                new["source"] = relink(new["source"], stems, linked)
            else:
                new["outputs"] = self._outputs(cell, stems, linked)
                new["metadata"] = _folded(new["source"])
            cells.append(new)
        return {**notebook, "cells": cells}

    def _outputs(
        self, cell: Mapping[str, Any], stems: Collection[str], linked: Collection[str]
    ) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        spoken, moves = "", False
        for place, output in enumerate(cell["outputs"]):
            data = {kind: joined(text) for kind, text in output.get("data", {}).items()}
            plain = data.get("text/plain", "")
            if "image/png" in data:
                words = output["metadata"].get("image/png", {})
                if not words.get("alt"):
                    raise NoWords(f"{self.stem}, cell {cell['id']}: a picture without an alt text.")
                spoken = plots.spoken(words["alt"])
                name = f"{self.stem}_{cell['id']}_{place}"
                self.write(f"{name}.png", base64.b64decode(data["image/png"]))
                film = self.films.get(shown_by(joined(cell["source"])) or "", Film())
                frames = _of_this_picture(film.frames, words)
                moves = frames is not None
                made.append(_html(self._picture(name, words, frames, film.goal)))
            elif data.get("text/html") == spoken and spoken:
                continue  # the picture has its alt text here
            elif plain.startswith("[controls: ") and len(data) == 1:
                if not moves:
                    controls = plain.removeprefix("[controls: ").partition(". Run this cell")[0]
                    made.append(
                        _html(f'<p class="nn-note">It moves in the notebook. Controls: {escape(controls)}.</p>')
                    )
            elif (guess := _GUESS.fullmatch(plain)) and len(data) == 1:
                made.append(_html(_guess(*guess.groups())))
            elif "image/svg+xml" in data:
                made.append(_html(f"<figure>{data['image/svg+xml']}</figure>"))
            elif "text/html" in data:
                made.append(_html(typeset(data["text/html"])))
            elif "text/markdown" in data:
                made.append(
                    {**output, "data": {"text/markdown": relink(data["text/markdown"], stems, linked, ".html")}}
                )
            elif "text" in output:
                made.append(_said(output))
            elif plain or not data:
                made.append(dict(output))
        return made

    def _picture(self, name: str, words: Mapping[str, Any], frames: Frames | None, goal: str) -> str:
        width, height = words["width"], words["height"]
        picture = (
            f'<img src="{PICTURES}/{name}.png" alt="{escape(words["alt"])}" width="{width}" height="{height}"'
            f' loading="lazy" decoding="async">'
        )
        if frames is None:
            return f"<figure>{picture}</figure>{_goal(goal)}"
        self.moved += 1
        for k, png in enumerate(frames.pngs):
            if k != frames.start:  # there the stored picture shows, which is sharper
                self.write(f"{name}_{k}.png", png)
        others = ", ".join(frames.others[:8]) + (" and more" if len(frames.others) > 8 else "")
        note = f'<p class="nn-note">In the notebook you also move: {escape(others)}.</p>' if others else ""
        texts, text = escape(json.dumps(frames.texts)), escape(frames.texts[frames.start])
        reached = escape(json.dumps(list(map(int, frames.reached))))
        return (
            f'<figure class="nn-moves" data-frames="{PICTURES}/{name}" data-texts="{texts}" data-reached="{reached}">'
            f'{picture}<div class="nn-slider" hidden><label for="{name}">{escape(frames.label)}</label>'
            f'<input type="range" id="{name}" min="0" max="{len(frames.texts) - 1}" step="1" value="{frames.start}"'
            f' aria-valuetext="{text}" autocomplete="off"><span class="nn-value" aria-hidden="true">{text}</span></div>'
            f"{_goal(goal, frames)}{note}</figure>"
        )


def _of_this_picture(frames: Frames | None, words: Mapping[str, Any]) -> Frames | None:
    """The frames, if the picture that the notebook stores is one of them."""
    same = frames and (frames.alt, frames.size) == (words["alt"], (words["width"], words["height"]))
    return frames if same else None


def _goal(text: str, frames: Frames | None = None) -> str:
    """What an explorer asks for; where its slider can reach it, the page says when it has."""
    if not text:
        return ""
    if frames is None or not any(frames.reached):
        return f'<p class="nn-goal"><b>Goal, in the notebook:</b> {escape(text)}</p>'
    done = frames.reached[frames.start]
    look, sign = ("nn-goal nn-reached", "✓ Reached:") if done else ("nn-goal", "Goal:")
    return f'<p class="{look}" role="status"><b>{sign}</b> {escape(text)}</p>'


def _folded(source: str) -> dict[str, Any]:
    """The metadata of a code cell: a question stands for its code, and the answer to it is folded."""
    if _ASKS.fullmatch(source.strip()):
        return {"tags": ["remove-input"]}
    if found := _REVEALS.search(source):
        prompt = f"Guess {found[1]}: the answer"
        return {"tags": ["hide-cell"], "mystnb": {"code_prompt_show": prompt, "code_prompt_hide": prompt}}
    return {}


def _said(output: Mapping[str, Any]) -> dict[str, Any]:
    """What a cell printed, without what only makes sense where it can be run."""
    text = joined(output["text"])
    if found := _NOT_STARTED.fullmatch(text.strip()):
        return _note(f"Exercise {found[1]} is checked in the notebook, with hints and the solution.")
    if found := _NO_GUESSES.fullmatch(text):
        return _note(f"In the notebook of chapter {found[1]} your guesses are kept, and listed here.")
    return {**output, "text": _NO_GUESS.sub("", text)}


def _note(text: str) -> dict[str, Any]:
    return _html(f'<p class="nn-note">{escape(text)}</p>')


def _html(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}


def _guess(number: str, text: str) -> str:
    """A guess that no kernel takes: the question, and its options if it has some."""
    first, *more = text.split(" / ")
    cut = max(first.rfind(end) + len(end) for end in ("? ", ". ")) if more else len(first)
    options = [first[cut:], *more[:-1], more[-1].removesuffix(".")] if more else []
    listed = "".join(f"<li>{escape(option)}</li>" for option in options)
    return (
        f'<div class="nn-guess"><p><b>Guess {escape(number)}.</b> {escape(first[:cut])}</p>'
        f"{f'<ul>{listed}</ul>' if listed else ''}</div>"
    )
