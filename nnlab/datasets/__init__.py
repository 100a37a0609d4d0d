"""Data sets. Toys are drawn from a seed, the others lie in data/. Arrays have stated shapes and are yours to change.

Nothing is downloaded. Two sets of texts are not shipped: their loaders say how to fetch them once.
"""

from .files import (
    air_routes,
    electricity,
    emoji,
    mnist,
    molecules,
    movie_snippets,
    names,
    names_by_country,
    shakespeare,
    trained_cnn,
    word_vectors,
)
from .sequences import adding, pad
from .toys import CORNERS, LOGIC, circle, gaussians, moons, multi_gaussian, plane, spirals, xor
from .trained import recurrent_weights
