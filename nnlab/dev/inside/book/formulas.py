"""Formulas as MathML, which browsers typeset by themselves: no script, no font and no network.

docutils brings the converter. It refuses a command that it does not know, and what the course writes beyond that is
rewritten here.
"""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

_OPENS = "([{"
_BIG = re.compile(r"\\(big|Big|bigg|Bigg)\s*(?=[()\[\]|]|\\[{}])(\\?.)")
_SHORT_FRACTION = re.compile(r"\\([td]?frac)\s*(\d)\s*(\d)")  # \tfrac12
_IN_TEXT = re.compile(r"\$([^$<>]+)\$")
_CODE = re.compile(r"(<(pre|code|script|style|math)\b.*?</\2>)", re.S)


class BadFormula(Exception):
    """A formula that cannot be converted; its text shows the formula and says why."""


def _sized(found: re.Match[str]) -> str:
    """`\\big(` as an opening, `\\big)` as a closing bracket: MathML's brackets know which they are."""
    return rf"\{found[1]}{'l' if found[2][-1] in _OPENS else 'r'}{found[2]}"


def mathml(tex: str, block: bool = False) -> str:
    """A formula in LaTeX as a `<math>` element, displayed if `block`. Raises BadFormula."""
    plain = tex.strip().replace(r"\dots", r"\ldots").replace(r"\iff", r"\Longleftrightarrow")
    plain = _SHORT_FRACTION.sub(r"\\\1{\2}{\3}", plain)
    plain = _BIG.sub(_sized, plain)
    try:
        made = tex2mathml(plain, as_block=block)
    except (MathError, AttributeError, IndexError, ValueError) as error:
        raise BadFormula(f"The formula {tex.strip()} cannot be converted: {error}") from error
    return _braced(re.sub(r"\s*\n\s*", "", made))


def _braced(made: str) -> str:
    """What stands below a horizontal brace is put below it; the converter puts it to the right."""
    if "⏟" not in made:
        return made
    tree = ElementTree.fromstring(made.replace("&ApplyFunction;", "\u2061").replace(' xmlns="', ' data-xmlns="'))
    for element in tree.iter("msub"):
        if element[0].tag == "munder" and element[0][1].text == "⏟":
            element.tag = "munder"
    return ElementTree.tostring(tree, "unicode").replace(' data-xmlns="', ' xmlns="')


def typeset(text: str) -> str:
    """HTML in which each formula between dollar signs is MathML, as a notebook typesets it; code is left alone."""

    def formula(found: re.Match[str]) -> str:
        return mathml(html.unescape(found[1]))

    pieces, end = [], 0
    for code in _CODE.finditer(text):
        pieces += [_IN_TEXT.sub(formula, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*pieces, _IN_TEXT.sub(formula, text[end:])])
