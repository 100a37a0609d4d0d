"""Data sets. Toys are drawn from a seed, the others are files in data/. Arrays are yours to change.

Each docstring states shapes, dtypes, units, splits and source. Nothing is downloaded. Two sets of texts are not
shipped: the error of their loaders gives the command that fetches them once.
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
from .generative import GenerativeRuns, digit_features, generative_runs, generative_weights
from .letters import LETTERS, decode_names, encode_names, letter_names
from .recorded_text import recorded_text
from .robust import RobustNetworks, robust_network, robust_networks
from .samples import Diabetes, diabetes, small_digits
from .sequences import adding, pad
from .sharing import SharingRecords, flower_state, sharing_records
from .smaller import SmallerRuns, smaller_runs, smaller_weights
from .time_series import SeriesWindows, refuse_leak, windows
from .toys import CORNERS, LOGIC, circle, gaussians, moons, multi_gaussian, plane, spirals, xor
from .trained import (
    SearchTable,
    TuningRuns,
    digits_weights,
    forecaster_weights,
    forecasts,
    picture_features,
    picture_ladder,
    pictures_weights,
    recurrent_weights,
    search_table,
    trained_digits,
    tuning_runs,
)
from .trained_graphs import GraphRuns, graph_runs, solubility_weights
from .transformers import TransformerRuns, masked_weights, names_weights, transformer_runs, vit_weights
