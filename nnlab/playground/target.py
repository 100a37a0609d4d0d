"""A part of the Playground's network that can be pointed at: an input, a neuron, a link."""

from __future__ import annotations

from typing import NamedTuple

from nnlab.playground.data import FEATURES


class Target(NamedTuple):
    """kind "input": number `unit` of FEATURES. "neuron": `unit` of hidden layer `layer`. "link": from number `source`
    of the layer before (of the inputs that are on, for layer 0) into `unit` of `layer`, which is the output's after the
    last hidden one: entry [unit, source] of that layer's weight. All count from 0."""

    kind: str
    layer: int
    unit: int
    source: int = -1

    @property
    def neuron(self) -> tuple[int, int] | None:
        """(layer, unit) of a neuron, None for what is none."""
        return (self.layer, self.unit) if self.kind == "neuron" else None


def name_of(target: Target) -> str:
    """What a learner calls an input or a neuron: "Input x₁", "Layer 1, neuron 2"."""
    if target.kind == "input":
        return f"Input {list(FEATURES.values())[target.unit][0]}"
    return f"Layer {target.layer + 1}, neuron {target.unit + 1}"
