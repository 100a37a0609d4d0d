"""The reader's edition: three chapters are built once, read as files, and opened in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.shown import ROOT

CHAPTERS = ["00_start_here", "02_activations", "06_convolution"]
RULES = {
    "light": {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},  # the rest is the same
}


BRACE = """() => {
  const brace = [...document.querySelectorAll("math mo")].find((one) => one.textContent === "{");
  return [brace, brace.parentElement.querySelector("mtable")].map((one) => one.getBoundingClientRect().height);
}"""  # how high a brace is, and the cases to its right


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("book") / "book"
    words = ["book", "--out", str(out), "--chapters", *(stem[:2] for stem in CHAPTERS)]
    argv = [sys.executable, "-m", "nnlab", *words]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def address(book: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(book))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page from which nothing may be asked elsewhere, and whose scripts may not fail."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    left, failed = [], []

    def only_here(route: Route) -> None:
        if route.request.url.startswith((address, "data:")):
            route.continue_()
        else:
            left.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    made = context.new_page()
    made.on("pageerror", lambda error: failed.append(str(error)))
    made.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    yield made
    context.close()
    assert left == [] and failed == []


class Reader(HTMLParser):
    """What the tests ask of a page: ids, links, pictures, formulas, and its text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.formulas, self._code, self.prose = 0, 0, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        self.links += [value for name in ("href", "src") if (value := values.get(name))]
        self.pictures += [values] if tag == "img" else []
        self.formulas += tag == "math"
        self._code += tag in ("pre", "code", "script", "style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("pre", "code", "script", "style", "title")

    def handle_data(self, data: str) -> None:
        self.prose += "" if self._code else data


@pytest.fixture(scope="session")
def pages(book: Path) -> dict[str, Reader]:
    return {file.name: Reader(file.read_text("utf-8")) for file in sorted(book.glob("*.html"))}


def test_every_link_leads_somewhere_in_the_book(book: Path, pages: dict[str, Reader]) -> None:
    assert {f"{stem}.html" for stem in CHAPTERS} < set(pages)
    dead = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                continue  # to be clicked; that none is fetched is another test
            file = book / (unquote(parts.path) or name)
            anchor = unquote(parts.fragment)
            found = file.is_file() and (not anchor or file.suffix != ".html" or anchor in pages[file.name].ids)
            dead += [] if found else [f"{name}: {link}"]
    assert dead == []
    assert "02_activations.html" in pages["06_convolution.html"].links


def test_every_picture_has_words(pages: dict[str, Reader]) -> None:
    pictures = [picture for page in pages.values() for picture in page.pictures]
    assert len(pictures) > 12
    assert [picture["src"] for picture in pictures if not (picture.get("alt") or "").strip()] == []
    assert all(picture["width"] and picture["height"] for picture in pictures)  # so that nothing jumps


def dollars(path: Path) -> int:
    """How many formulas stand between dollar signs in a notebook's texts and tables."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts += ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    prose = [re.sub(r"```.*?```|`[^`\n]*`|<pre.*?</pre>", "", text, flags=re.S) for text in texts]
    return sum(len(re.findall(r"\$\$.+?\$\$|\$[^$]+?\$", text, re.S)) for text in prose)


def test_every_formula_is_mathml(pages: dict[str, Reader]) -> None:
    for stem in CHAPTERS:
        page = pages[f"{stem}.html"]
        assert page.formulas == dollars(ROOT / "notebooks" / f"{stem}.ipynb")
        assert "$" not in page.prose and "\\" not in page.prose
    assert sum(page.formulas for page in pages.values()) > 90


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("stem", ["index", *CHAPTERS, "glossary", "search"])
def test_axe_finds_nothing(page: Page, address: str, stem: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(f"{address}/{stem}.html")
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    answer = Axe().run(page, options=RULES[scheme] | {"preload": False}).response
    wrong = [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]
    assert wrong == [], "\n".join(wrong)
    assert "color-contrast" in {rule["id"] for rule in answer["passes"]}


def test_a_slider_moves_the_picture_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/02_activations.html")
    figure = page.locator(".nn-moves").first
    picture, slider = figure.locator("img"), figure.get_by_role("slider", name="marker x")
    stored = picture.get_attribute("src")
    slider.focus()
    said = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", stored or "")
    loaded = "img => img.decode().then(() => img.naturalWidth)"
    assert picture.evaluate(loaded) == 700
    assert slider.get_attribute("aria-valuetext") != said
    expect(figure.locator(".nn-value")).to_have_text(slider.get_attribute("aria-valuetext") or "")
    slider.press("Home")
    assert picture.evaluate(loaded) == 700
    expect(figure.locator(".nn-value")).to_contain_text("-6.00")
    slider.press("End")
    assert picture.evaluate(loaded) == 700


def test_the_slider_of_a_run_is_its_step_and_the_goal_turns_green(page: Page, address: str) -> None:
    page.goto(f"{address}/00_start_here.html")
    figure = page.locator(".nn-moves").first
    slider, goal = figure.get_by_role("slider", name="step"), figure.get_by_role("status")
    expect(goal).to_contain_text("Goal:")
    expect(goal).not_to_have_class(re.compile("nn-reached"))
    slider.focus()
    slider.press("End")
    expect(figure.locator(".nn-value")).to_have_text("1000")
    expect(goal).to_have_class(re.compile("nn-reached"))
    expect(goal).to_contain_text("✓ Reached:")
    slider.press("Home")
    expect(goal).to_contain_text("Goal:")


def test_an_answer_is_folded_until_it_is_opened(page: Page, address: str) -> None:
    page.goto(f"{address}/02_activations.html")
    expect(page.locator(".nn-guess").first).to_contain_text("How steep is it at its steepest?")
    answer = page.locator("details").filter(has_text="Guess 02.a: the answer")
    expect(answer.get_by_text("What came: 0.25.")).to_be_hidden()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(answer.get_by_text("What came: 0.25.")).to_be_visible()
    expect(page.get_by_text("You made no guess")).to_have_count(0)
    expect(page.get_by_text("Exercise 02.1 is checked in the notebook")).to_be_visible()


def test_code_is_copied(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.goto(f"{address}/02_activations.html")
    code = page.locator(".cell_input .highlight").first
    code.hover()
    code.get_by_role("button", name="Copy").click()
    expect(code.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import numpy as np\n") and "Cop" not in copied


def test_braces_grow_with_the_font_that_is_shipped(page: Page, address: str) -> None:
    page.goto(f"{address}/02_activations.html")
    assert page.evaluate("document.fonts.load('16px \"nnlab Math\"').then((fonts) => fonts.length)") == 1
    page.add_style_tag(content='math { font-family: "nnlab Math" !important; }')
    brace, cases = page.evaluate(BRACE)
    assert 2 * cases > brace > 0.95 * cases > 30


@pytest.mark.parametrize("stem", ["index", *CHAPTERS, "glossary", "data"])
def test_on_a_phone_only_boxes_scroll(page: Page, address: str, stem: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/{stem}.html")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_javascript_the_stored_picture_shows(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/02_activations.html")
    figure = page.locator(".nn-moves").first
    expect(figure.locator("img")).to_be_visible()
    expect(figure.locator("input")).to_be_hidden()
    context.close()


def test_search_finds_a_term(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=equivariance")
    expect(page.locator("#search-results li a").first).to_contain_text("06 Convolutional networks", timeout=20_000)
    page.goto(f"{address}/search.html?q=dropout")
    expect(page.locator("#search-results li a").filter(has_text="Glossary")).to_be_visible(timeout=20_000)


def test_the_glossary_leads_to_the_cell_that_introduces_a_term(page: Page, address: str) -> None:
    page.goto(f"{address}/index.html")
    page.locator("article").get_by_role("link", name="glossary").first.click()
    page.get_by_role("row", name="activation").first.get_by_role("link", name="02").click()
    expect(page).to_have_url(re.compile(r"/02_activations\.html#cell-\w+$"))


def test_a_chapter_is_followed_by_the_next(page: Page, address: str) -> None:
    page.goto(f"{address}/02_activations.html")
    page.locator(".prev-next-footer a.right-next").click()
    expect(page).to_have_title("06 Convolutional networks — nnlab")


def test_on_paper_only_the_chapter_is_left(page: Page, address: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{address}/06_convolution.html")
    expect(page.locator("article h1")).to_be_visible()
    for gone in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header", ".prev-next-footer"):
        expect(page.locator(gone).first).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details:not([open])")).to_have_count(0)
    assert page.locator("figure").first.evaluate("e => getComputedStyle(e).breakInside") == "avoid"
    for block in (".cell_input .highlight", ".cell_output .highlight"):  # dark on light, also from a dark page
        looks = page.locator(block).first.evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
        )
        assert looks == ["rgb(0, 0, 0)", "rgb(245, 245, 245)"]
