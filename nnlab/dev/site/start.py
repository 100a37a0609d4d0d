"""The site's first page: what it is, the chapters, and the Playground on a page of its own."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from nnlab.course import CHAPTERS, Chapter, by_part

# JupyterLite's page of one console, which runs this when it is opened and hides the code
CONSOLE = {
    "code": "from nnlab import explore\n\nexplore.playground()",
    "execute": "1",
    "hideCodeInput": "1",
    "kernel": "python",
    "showBanner": "0",
    "toolbar": "0",
}
PLAYGROUND = f"repl/index.html?{urlencode(CONSOLE)}"
# JupyterLite reads the element with the configuration from here, also for its other pages
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>nnlab: learn neural networks by moving them</title>
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script>
<link rel="icon" href="favicon.ico">
<style>
  :root { color-scheme: light dark; }
  body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  ul { list-style: none; padding: 0; }
</style>
<h1>nnlab</h1>
<p>Learn neural networks by moving them. Nothing is installed: Python runs in this browser. The first visit loads about
40 MB, later ones less. Your work and your progress stay in this browser, on this computer.</p>
<p><a href="START"><strong>Start the course</strong></a> or open <a href="PLAYGROUND"><strong>only the
Playground</strong></a>, where you build a network and watch it learn.</p>
<p>PyTorch does not run in a browser: a cell that needs it shows what it printed. The longest training runs are shorter
here, and say so.</p>
CHAPTERS
</html>
"""


def address(chapter: Chapter) -> str:
    """The page of a chapter's notebook."""
    return f"lab/index.html?path=notebooks/{chapter.notebook.name}"


def page() -> str:
    """The page, as HTML. It fetches nothing but its icon."""
    lines = []
    for part, chapters in by_part().items():
        rows = [f'<li><a href="{address(one)}">{one.number} {escape(one.title)}</a></li>' for one in chapters]
        lines += [f"<h2>{part}</h2>", "<ul>", *rows, "</ul>"]
    made = PAGE.replace("CHAPTERS", "\n".join(lines)).replace("PLAYGROUND", escape(PLAYGROUND))
    return made.replace("START", address(CHAPTERS[0]))
