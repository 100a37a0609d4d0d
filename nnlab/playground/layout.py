"""Where everything is in the Playground's picture, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nnlab.explore.drawing.paint import Box
from nnlab.playground.data import FEATURES

WIDTH, HEIGHT = 1000, 540
TILE_SIDE, PITCH = 42, 52
MIDDLE = 284  # the height of the network's middle
MAP = (692, 252, 250)  # the large map: left, bottom, side
START, END = 112, MAP[0] - 14  # between them stand the hidden layers
HEAD = HEIGHT - 15  # the baseline of the layers' names
BUTTONS = HEAD - 5  # the top of the buttons below them, which a page lays over the picture
BUTTON_PITCH = 22


@dataclass(frozen=True)
class Layout:
    """The places of `features` input features and of hidden layers of these sizes."""

    features: int
    sizes: tuple[int, ...]

    feature_left = 62

    @cached_property
    def lefts(self) -> list[float]:
        """The left edge of each hidden layer."""
        gap = (END - START - TILE_SIDE) / (len(self.sizes) + 1)
        return [round(START + gap * (k + 1)) for k in range(len(self.sizes))]

    @cached_property
    def feature_places(self) -> list[tuple[float, float]]:
        """Lower left corner of each feature's tile."""
        return _column(self.feature_left, len(FEATURES))

    @cached_property
    def places(self) -> list[list[tuple[float, float]]]:
        """Lower left corner of each neuron's tile, by layer."""
        return [_column(left, size) for left, size in zip(self.lefts, self.sizes, strict=True)]

    @cached_property
    def feature_boxes(self) -> list[Box]:
        """The features' tiles for the painter, which counts from the top."""
        return [_box(x, y, TILE_SIDE) for x, y in self.feature_places]

    @cached_property
    def boxes(self) -> list[list[Box]]:
        """The neurons' tiles for the painter, by layer."""
        return [[_box(x, y, TILE_SIDE) for x, y in column] for column in self.places]

    @property
    def map_box(self) -> Box:
        """The large map for the painter."""
        return _box(*MAP)

    def columns(self, names: Sequence[str]) -> list[list[tuple[float, float]]]:
        """Middle of every tile that sends or takes links: features that are on, hidden layers, the large map."""
        on = [place for name, place in zip(FEATURES, self.feature_places, strict=True) if name in names]
        half = TILE_SIDE / 2
        tiles = [[(x + half, y + half) for x, y in column] for column in [on, *self.places]]
        return [*tiles, [(MAP[0] + half, MIDDLE + 60)]]

    def button_places(self, layer: int) -> list[tuple[float, float]]:
        """Upper left corners of the two buttons over a hidden layer; after the last one, of those for the layers."""
        left = self.lefts[layer] if layer < len(self.sizes) else MAP[0] - 48
        return [(left, BUTTONS), (left + BUTTON_PITCH, BUTTONS)]

    def number_place(self, names: Sequence[str], layer: int, unit: int, source: int) -> tuple[float, float]:
        """Next to the tile that a link comes from."""
        x, y = self.columns(names)[layer][source]
        return x + TILE_SIDE / 2 + 18, y

    def bias_place(self, layer: int, unit: int) -> tuple[float, float]:
        """Above the tile of a neuron; before the large map for the last."""
        if layer == len(self.sizes):
            return MAP[0] - 40, MIDDLE + 30
        x, y = self.places[layer][unit]
        return x + TILE_SIDE / 2, y + TILE_SIDE + 6


def _column(left: float, size: int) -> list[tuple[float, float]]:
    """Lower left corners of `size` tiles one under the other, around the middle."""
    top = MIDDLE + (size - 1) * PITCH / 2 - TILE_SIDE / 2
    return [(left, round(top - k * PITCH)) for k in range(size)]


def _box(left: float, bottom: float, side: int) -> Box:
    """The same square, counted from the top."""
    return int(left), HEIGHT - int(bottom) - side, side
