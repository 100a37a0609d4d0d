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
from .letters import LETTERS, decode_names, encode_names, letter_names
from .recorded_text import recorded_text
from .sequences import adding, pad
from .time_series import SeriesWindows, refuse_leak, windows
from .toys import CORNERS, LOGIC, circle, gaussians, moons, multi_gaussian, plane, spirals, xor
from .trained import (
    RobustNetworks,
    SearchTable,
    SharingRecords,
    SmallerRuns,
    TransformerRuns,
    TuningRuns,
    digits_weights,
    flower_state,
    forecaster_weights,
    forecasts,
    masked_weights,
    names_weights,
    picture_features,
    picture_ladder,
    pictures_weights,
    recurrent_weights,
    robust_network,
    robust_networks,
    search_table,
    sharing_records,
    smaller_runs,
    smaller_weights,
    trained_digits,
    transformer_runs,
    tuning_runs,
    vit_weights,
)
from .trained_graphs import GraphRuns, graph_runs, solubility_weights
