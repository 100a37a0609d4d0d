"""How a notebook becomes a page: links, formulas, guesses, and which explorers move."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnlab import explore, plots
from nnlab.dev import paths
from nnlab.dev.commands import book as command
from nnlab.dev.inside.book import frames, pages
from nnlab.dev.inside.book.__main__ import build, make_room
from nnlab.dev.inside.book.formulas import BadFormula, mathml, typeset
from nnlab.dev.say import Trouble
from nnlab.png import encode_small

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def formulas(path: Path) -> list[tuple[str, bool]]:
    """Every formula of a notebook's texts and tables, and whether it is displayed."""
    found: list[tuple[str, bool]] = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            text = re.sub(r"```.*?```|`[^`\n]*`", "", "".join(cell["source"]), flags=re.S)
            found += [(tex, True) for tex in re.findall(r"\$\$(.+?)\$\$", text, re.S)]
            text = re.sub(r"\$\$.+?\$\$", "", text, flags=re.S)
            found += [(tex, False) for tex in re.findall(r"(?<!\\)\$([^$]+?)\$", text)]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_course_is_converted(path: Path) -> None:
    for tex, block in formulas(path):
        made = mathml(tex, block)
        assert made.startswith("<math") and made.endswith("</math>") and "\\" not in made, tex


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\tfrac12", '<mfrac displaystyle="false" scriptlevel="0"><mn>1</mn><mn>2</mn></mfrac>'),
        (r"x_1, \dots, x_n", "<mi>…</mi>"),
        (r"\big(x\big)", 'minsize="1.2em"'),
        (r"\underbrace{a}_{\text{b}}", "</munder><mtext>b</mtext></munder>"),
        (r"\operatorname{softmax}(x)", ">softmax</mi>"),
        (r"\begin{aligned} a &= b \\ c &= d\end{aligned}", "<mtable"),
    ],
)
def test_what_the_converter_does_not_know_by_itself(tex: str, part: str) -> None:
    assert part in mathml(tex)


def test_an_unknown_command_is_named() -> None:
    with pytest.raises(BadFormula, match=r"\\nonsense\{x\} cannot be converted: Unknown LaTeX command"):
        mathml(r"\nonsense{x}")


def test_tables_are_typeset_and_code_is_not() -> None:
    made = typeset("<td>$x &lt; 1$</td><code>$y$</code><td>a price</td>")
    assert made.startswith("<td><math") and "<mo>&lt;</mo>" in made and "<code>$y$</code>" in made


def test_links_lead_to_pages_and_cells() -> None:
    def turned(text: str) -> str:
        return pages.relink(text, {"02_activations"}, {"ab12"})

    assert turned("[a](02_activations.ipynb#Choosing-one)") == "[a](02_activations.ipynb#Choosing-one)"
    assert turned("[a](02_activations.ipynb#cell-id=ab12)") == "[a](#cell-ab12)"
    assert turned("[a](#cell-id=gone) [b](03_losses.ipynb), [c](../LICENSE)") == "a b, c"
    assert turned("[c](../data/README.md)") == "[c](data.md)"
    assert pages.relink("[c](../data/README.md)", [], [], ".html") == "[c](data.html)"
    assert (
        turned("`[b](03_losses.ipynb)` [w](https://example.org)") == "`[b](03_losses.ipynb)` [w](https://example.org)"
    )
    assert pages.relink("[a](02_activations.ipynb)", ["02_activations"], [], ".html") == "[a](02_activations.html)"
    assert pages.slug(" Choosing one") == "Choosing-one"


def cell(source: str, **output: object) -> dict[str, object]:
    made = {"output_type": "display_data", "metadata": {}} | output
    return {"cell_type": "code", "id": "ab12", "metadata": {}, "source": source, "outputs": [made]}


def prepared(one: dict[str, object], films: dict[str, frames.Film] | None = None) -> tuple[str, dict[str, bytes]]:
    files: dict[str, bytes] = {}
    page = pages.BookPage("02_x", films or {}, files.__setitem__)
    output = page.prepared({"cells": [one]}, [], [])["cells"][0]["outputs"][0]
    return output["data"]["text/html"], files


def test_a_guess_is_a_question_with_its_options() -> None:
    text = "[guess 01.b: After a step, can more points be wrong than before it? yes / no. Run this cell to answer.]"
    made, _ = prepared(cell("", data={"text/plain": text}))
    assert "<b>Guess 01.b.</b> After a step, can more points be wrong than before it? </p>" in made
    assert "<ul><li>yes</li><li>no</li></ul>" in made


def test_a_picture_keeps_its_words_or_is_refused() -> None:
    png = base64.b64encode(b"png").decode()
    words = {"alt": 'A "dot"', "width": 7, "height": 5}
    made, files = prepared(cell("", data={"image/png": png}, metadata={"image/png": words}))
    assert 'alt="A &quot;dot&quot;" width="7" height="5"' in made and files == {"02_x_ab12_0.png": b"png"}
    with pytest.raises(pages.NoWords, match="02_x, cell ab12"):
        prepared(cell("", data={"image/png": png}))


def test_an_explorer_moves_if_its_frames_are_of_the_same_picture() -> None:
    png = base64.b64encode(b"png").decode()
    words = {"alt": "A dot", "width": 7, "height": 5}
    one = cell("explore.dot_explorer()", data={"image/png": png}, metadata={"image/png": words})
    shown = frames.Frames("place", ["1 m", "2 m"], [b"1", b"2"], 1, ["size"], "A dot", (7, 5), [True, False])
    film = frames.Film("Be first.", shown)
    made, files = prepared(one, {"dot_explorer()": film})
    assert 'data-reached="[1, 0]"' in made and '<p class="nn-goal" role="status"><b>Goal:</b> Be first.</p>' in made
    assert 'aria-valuetext="2 m"' in made and 'max="1" step="1" value="1"' in made and "you also move: size" in made
    assert set(files) == {"02_x_ab12_0.png", "02_x_ab12_0_0.png"}
    words["alt"] = "Another dot"
    still = prepared(one, {"dot_explorer()": film})[0]
    assert "nn-moves" not in still and "<b>Goal, in the notebook:</b> Be first." in still


def test_what_a_reader_cannot_do_is_not_asked_of_him() -> None:
    def page(source: str, text: str) -> dict[str, Any]:
        made = pages.BookPage("02_x", {}, lambda name, content: None)
        one = cell(source, output_type="stream", name="stdout", text=text)
        ready: dict[str, Any] = made.prepared({"cells": [one]}, [], [])["cells"][0]
        return ready

    asked = page("guess(\n    '02.a', 'How many?',\n)", "")
    assert asked["metadata"] == {"tags": ["remove-input"]}
    assert page("x = 1\nguess('02.a', 'How many?')", "")["metadata"] == {}
    answer = page(
        'x = 1\nreveal("02.a", x, "Why")',
        "before\n02.a  What came: 1. You made no guess: answer first\nnext time.\n  Why\n",
    )
    assert answer["metadata"]["tags"] == ["hide-cell"]
    assert answer["metadata"]["mystnb"]["code_prompt_show"] == "Guess 02.a: the answer"
    assert answer["outputs"][0]["text"] == "before\n02.a  What came: 1.\n  Why\n"
    exercise = page(
        "check('02.1', f)", "02.1 leaky ReLU and its\nslope: not started\nyet. Fill in f above.\nFirst hint: ...\n"
    )
    assert "Exercise 02.1 is checked in the notebook" in exercise["outputs"][0]["data"]["text/html"]
    kept = page("guesses('02')", "Your guesses in 02: none before its answer came.\n")
    assert "In the notebook of chapter 02 your guesses are kept" in kept["outputs"][0]["data"]["text/html"]


def test_which_cells_show_an_explorer() -> None:
    assert frames.shown_by("explore.kernel_explorer()") == "kernel_explorer()"
    assert frames.shown_by('x = 1\nexplore.clinic_explorer("slow", k=2)') == "clinic_explorer('slow', k=2)"
    assert frames.shown_by("line = explore.line_explorer()\nline") == "line_explorer()"
    assert frames.shown_by("line = explore.line_explorer()\nline.set(w=1)\nline") is None
    for other in ("explore.digit_explorer(net)", "x = explore.kernel_explorer()", "print(1)", "%time x", ""):
        assert frames.shown_by(other) is None


@pytest.mark.parametrize(
    "slider",
    [
        explore.Slider(0, 199, 1, value=7),
        explore.Slider(-1.0, 1.0, 0.1, value=0.3),
        explore.Slider(1e-4, 1.0, 0.25, value=0.02, log=True),
        explore.Slider(0, 3, 1),
        explore.Levels([0.1, 0.3, 1, 3], 0.3),
        explore.Toggle(),
    ],
)
def test_the_stops_of_a_slider(slider: explore.Slider | explore.Levels | explore.Toggle) -> None:
    values = frames.stops(slider)
    assert slider.value in values and values == sorted(set(values)) and len(values) <= frames.MOST_FRAMES
    assert values[0] == slider.extremes()[0]
    assert all(slider.check(value) == value for value in values)
    few = frames.stops(slider, 7)
    assert (
        slider.value in few and len(few) == min(7, len(values)) and set(few[1:-1]) <= set(frames.stops(slider, 10**6))
    )


def test_frames_are_small_and_start_where_the_explorer_does() -> None:
    whole = frames.film("kernel_explorer()")
    film = whole.frames
    assert film and whole.goal == explore.kernel_explorer().goal.text
    assert frames.FEWEST_FRAMES <= len(film.pngs) == len(film.texts) <= frames.MOST_FRAMES
    assert sum(map(len, film.pngs)) <= frames.MOST_BYTES
    explorer = explore.kernel_explorer()
    assert film.pngs[film.start] == explorer.png(1) and film.alt == explorer.alt
    assert len(set(film.pngs)) > 1


def toy(compute: Callable[..., Any], control: Any, run: explore.Run | None = None) -> explore.Explorer:
    """An explorer whose picture is a bar as high as its data."""

    def draw(figure: Any) -> Any:
        axes = figure.subplots()
        axes.set_ylim(0, 100)
        (bar,) = axes.bar([0], [0])
        return SimpleNamespace(update=lambda data: bar.set_height(float(data)))

    goal = explore.Goal("Make it higher than 50.", lambda data: float(data) > 50)
    return explore.Explorer(compute=compute, draw=draw, controls={"n": control}, run=run, goal=goal, alt="A bar")


def test_a_run_is_filmed_from_its_first_step_to_its_last() -> None:
    def advance(state: list[int], n: int) -> None:
        state[0] += n

    run = explore.Run(lambda n: [0], advance, length=60, unit="epoch", shown=7)
    film = frames.recorded(toy(lambda state, n: state[0], explore.Slider(0, 3, 1, value=1), run))
    steps = list(map(int, film.texts))
    assert film.label == "epoch" and (steps[0], steps[film.start], steps[-1]) == (0, 7, 60)
    assert len(steps) <= frames.MOST_FRAMES + 1 and len(set(film.pngs)) == len(steps) and film.others == ["n"]
    assert film.reached == [step > 50 for step in steps]
    still = toy(lambda state, n: state[0], explore.Slider(0, 3, 1, value=1), run)
    assert film.pngs[film.start] == still.png(1)


def test_a_run_without_an_end_is_filmed_until_it_is_over() -> None:
    def advance(state: list[int], n: int) -> None:
        state[0] += 1

    run = explore.Run(
        lambda n: [0], advance, length=None, caption=lambda data: f"round {data}", over=lambda data: data >= 40
    )
    film = frames.recorded(toy(lambda state, n: state[0], explore.Slider(0, 3, 1), run))
    assert (film.texts[0], film.texts[-1]) == ("round 0", "round 40")


def test_a_choice_is_filmed_where_no_slider_changes_the_picture() -> None:
    film = frames.recorded(toy(lambda n: {"low": 10, "high": 90}[n], explore.Choice(["low", "high"])))
    assert film.texts == ["low", "high"] and film.reached == [False, True]
    with pytest.raises(frames.StoredOnly, match="nothing changes its picture by itself"):
        frames.recorded(toy(lambda n: 3, explore.Choice(["low", "high"])))


def test_an_explorer_that_takes_long_keeps_its_picture_and_its_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore, "toy_explorer", lambda: toy(lambda n: n, explore.Slider(0, 9, 1)), raising=False)
    monkeypatch.setattr(frames, "MOST_SECONDS", -1.0)
    film = frames.film("toy_explorer()")
    assert film.frames is None and film.goal == "Make it higher than 50." and film.why.startswith("a frame takes")


def written(folder: Path, name: str, *cells: dict[str, object]) -> Path:
    """A notebook on the disk."""
    path = folder / name
    info = {"language_info": {"name": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": info, "nbformat": 4, "nbformat_minor": 5}))
    return path


def text(source: str, id: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # myst-nb's own
def test_a_book_of_two_pages_and_what_is_refused(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        "00_start_here.ipynb",
        text("# One\n\n[to a heading](01_neuron.ipynb#A-long-Heading), [to a cell](01_neuron.ipynb#cell-id=ab12)", "a"),
    )
    code = cell("1 + 1", data={"text/plain": "2"}) | {"execution_count": 1}
    second = written(tmp_path, "01_neuron.ipynb", text("# Two\n\n## A long Heading\n\n$x_1$", "b"), code)
    build([first, second], tmp_path / "book", frames=False)
    page = (tmp_path / "book" / "00_start_here.html").read_text("utf-8")
    target = (tmp_path / "book" / "01_neuron.html").read_text("utf-8")
    assert 'href="01_neuron.html#a-long-heading"' in page and 'id="a-long-heading"' in target
    assert 'href="01_neuron.html#cell-ab12"' in page and target.index('id="cell-ab12"') < target.index("cell_output")
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in target

    bad = written(tmp_path, "01_neuron.ipynb", text("# Two\n\n$\\nonsense$ and [gone](#Nowhere)", "b"))
    with pytest.raises(Trouble, match="The book has faults") as refused:
        build([bad], tmp_path / "book", frames=False)
    assert "nonsense cannot be converted" in str(refused.value) and "Nowhere" in str(refused.value)


def test_only_a_book_is_replaced(tmp_path: Path) -> None:
    make_room(tmp_path / "new")
    mine = tmp_path / "mine.txt"
    mine.write_text("keep")
    with pytest.raises(Trouble, match="holds something else than a book"):
        make_room(tmp_path)
    assert mine.read_text() == "keep"


def test_the_command_knows_its_words() -> None:
    options = command.parse(["--chapters", "00", "02", "--no-frames"])
    assert (options.chapters, options.no_frames, options.out) == (["00", "02"], True, "book")
    with pytest.raises(Trouble, match="did you mean `--chapters`"):
        command.parse(["--chapter", "00"])


def test_plain_pixels_are_encoded_small() -> None:
    explorer = explore.kernel_explorer()
    width, height = (round(side * plots.DPI) for side in explorer.size)
    assert explorer.png(1)[16:24] == width.to_bytes(4, "big") + height.to_bytes(4, "big")
    assert len(explorer.png(1)) < len(explorer.png())
    assert encode_small(np.zeros((2, 2, 3), np.uint8))
