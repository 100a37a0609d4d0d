"""The course's terms: what each means in a sentence, and the cell of the notebook that introduces it; and a search
through all notebooks, `find("dropout")`."""

from nnlab.glossary.links import address, cell_of, cells, chapter_of, glossary, link_of, look_up
from nnlab.glossary.search import MOST, MOST_OF_A_CHAPTER, Found, find
from nnlab.glossary.terms import TERMS, Term
