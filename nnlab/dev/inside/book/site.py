"""What the book asks of Sphinx: its settings, and formulas as MathML. Nothing of a page is fetched from elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from .formulas import BadFormula, mathml

HERE = Path(__file__).parent

SETTINGS: dict[str, Any] = {
    "project": "nnlab",
    "html_title": "nnlab",
    "language": "en",
    "extensions": ["myst_nb", __name__],
    "root_doc": "index",
    "templates_path": [str(HERE / "templates")],
    "html_static_path": [str(HERE / "static")],
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},  # else loaded from a content network
    "nb_merge_streams": True,
    "myst_enable_extensions": ["dollarmath"],
    "myst_update_mathjax": False,
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "nnlab.dev.inside.book.pages.slug",
    "html_math_renderer": "mathml",
    "html_theme": "pydata_sphinx_theme",
    "html_favicon": str(HERE / "static" / "favicon.svg"),
    "html_context": {"default_mode": "auto"},
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_use_index": False,
    "html_domain_indices": False,
    "html_sidebars": {"**": ["chapters.html"]},
    "html_theme_options": {
        "logo": {"text": "nnlab"},
        "navbar_center": [],
        "navbar_end": ["theme-switcher"],
        "primary_sidebar_end": [],
        "secondary_sidebar_items": ["page-toc"],
        "footer_start": [],
        "footer_end": [],
        "search_bar_text": "Search the book",
        "show_toc_level": 2,
        "surface_warnings": False,
    },
}

log = logging.getLogger(__name__)


def _formula(translator: Any, node: nodes.Element, block: bool) -> None:
    try:
        made = mathml(node.astext(), block)
    except BadFormula as error:
        log.warning("%s", error, location=node)
        made = f"<code>{translator.encode(node.astext())}</code>"
    translator.body.append(f'<div class="nn-formula">{made}</div>\n' if block else made)
    raise nodes.SkipNode


def _inline(translator: Any, node: nodes.Element) -> None:
    _formula(translator, node, block=False)


def _block(translator: Any, node: nodes.Element) -> None:
    _formula(translator, node, block=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this: it is an extension."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.add_css_file("book.css", priority=900)  # after the theme's
    app.add_js_file("book.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def render(source: Path, out: Path, doctrees: Path, warnings: Any) -> None:
    """Make the pages in `out` from what is in `source`; what Sphinx warns of is written to `warnings`."""
    app = Sphinx(
        source,
        None,
        out,
        doctrees,
        "html",
        confoverrides=SETTINGS,
        status=None,
        warning=warnings,
        parallel=os.cpu_count() or 1,
    )
    app.build()
