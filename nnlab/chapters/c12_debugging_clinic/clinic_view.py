"""The instrument panel as a picture: six small axes, one colour for each layer in all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nnlab import plots
from nnlab.chapters.c12_debugging_clinic import BIN_EDGES
from nnlab.chapters.c12_debugging_clinic.recorded_run import RecordedRun, RunAtStep, StepCurve

LAYERS = (plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE, plots.VERMILLION, plots.SKY, plots.BLACK)
# the same limits for all patients, so that they can be compared
NORM_LIMITS, RATIO_LIMITS, SHARE_LIMITS = (1e-5, 1e5), (1e-7, 1e1), (1e-3, 1.5)
HEALTHY_RATIOS = (1e-3, 1e-1)  # of update / weight in runs as short as these
BIN_CENTRES = (BIN_EDGES[:-1] + BIN_EDGES[1:]) / 2
NOTE_STYLE: dict[str, Any] = dict(
    fontsize=9, color="#505050", bbox=dict(facecolor=plots.PAPER, edgecolor="none", alpha=0.85, pad=0.8)
)
TITLES = ("Loss", "Gradient norm", "Update / weight", "Dead units", "Outputs", "Inputs")


def layer_colours(run: RecordedRun) -> dict[str, str]:
    """A colour for each layer with parameters; activation k has that of layer k."""
    colours = dict(zip(run.gradient_norms, LAYERS * 9, strict=False))
    for own, activation in zip([*colours.values()], run.output_shares, strict=False):
        colours.setdefault(activation, own)
    return colours


def line_width(k: int) -> float:
    """Of the line of layer k: earlier lines are wider, so that they show where a later one covers them."""
    return max(1.2, 3.4 - 0.8 * k)


class ClinicView:
    """Five instruments over the steps with a mark at the chosen one, and the outputs at that step."""

    def __init__(self, figure: Figure):
        engine: Any = figure.get_layout_engine()
        engine.set(rect=(0, 0, 1, 0.93), w_pad=0.05, h_pad=0.05)
        self.figure, self.axes = figure, figure.subplots(2, 3)
        for ax, title in zip(self.axes.flat, TITLES, strict=True):
            ax.set_title(title)
            ax.tick_params(labelsize=9)
            ax.set_xlabel("step", fontsize=9.5, labelpad=2)
        self.loss, self.norms, self.ratios, self.dead, self.outputs, self.inputs = self.axes.flat
        self._scales()
        self.over_steps = [ax for ax in self.axes.flat if ax is not self.outputs]
        for ax in self.over_steps:
            ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 4, 10], integer=True))
        self.run: RecordedRun | None = None
        self.last = 0
        self.run_artists: list[Any] = []  # the artists of the present run
        self.title = figure.text(0.008, 0.985, "", weight="bold", fontsize=11, va="top")
        self.marks = [ax.axvline(1, color=plots.GREY, lw=1, animated=True) for ax in self.over_steps]
        look = dict(drawstyle="steps-mid", animated=True)
        self.histogram_lines = [self.outputs.plot([], [], lw=line_width(k), **look)[0] for k in range(len(LAYERS))]
        self.readouts = [
            ax.text(1, 1.03, "", transform=ax.transAxes, ha="right", fontsize=9.5, animated=True)
            for ax in self.axes.flat
        ]

    def _scales(self) -> None:
        """What stays the same for every run."""
        for ax, ends in ((self.norms, NORM_LIMITS), (self.ratios, RATIO_LIMITS), (self.outputs, SHARE_LIMITS)):
            ax.set(yscale="log", ylim=ends)
            ax.minorticks_off()
        self.norms.set_yticks([1e-4, 1e-2, 1, 1e2, 1e4])
        self.ratios.set_yticks([1e-7, 1e-5, 1e-3, 1e-1, 10])
        self.ratios.axhspan(*HEALTHY_RATIOS, color=plots.GREEN, alpha=0.2, lw=0)
        self.dead.set(ylim=(-0.04, 1.04), yticks=[0, 0.5, 1])
        self.dead.set_yticklabels(["none", "half", "all"])
        self.outputs.set(xlim=(-3.1, 3.1), xticks=range(-3, 4), yticks=[1e-3, 1e-2, 1e-1, 1])
        self.outputs.set_yticklabels(["0.001", "0.01", "0.1", "1"])
        self.outputs.set_xlabel("value, from -3 or less to 3 or more", fontsize=9.5, labelpad=2)
        self.outputs.set_ylabel("share", fontsize=9.5, labelpad=2)

    def update(self, d: RunAtStep) -> None:
        run, step = d.run, d.step
        if run is not self.run:
            self._show_run(run)
        if d.last != self.last:
            self.last = d.last
            for ax in self.over_steps:
                ax.set_xlim(0, d.last + 1)
        for mark in self.marks:
            mark.set_xdata([step, step])
        for line, shares in zip(self.histogram_lines, run.output_shares.values(), strict=False):
            line.set_ydata(np.maximum(shares[step - 1], SHARE_LIMITS[0] / 2))
        mean, std = run.input_mean.at(step), run.input_std.at(step)
        texts = (
            _number(run.loss.at(step)),
            _numbers(run.gradient_norms, step),
            _numbers(run.update_ratios, step, digits=1),
            _numbers(run.dead_shares, step, percent=True),
            f"at step {step}",
            "" if mean is None or std is None else f"{_short(mean)} ± {_short(std)}",
        )
        for readout, text in zip(self.readouts, texts, strict=True):
            readout.set_text(text)

    def _show_run(self, run: RecordedRun) -> None:
        """Draw another run: its curves, legend and limits."""
        for artist in self.run_artists:
            artist.remove()
        self.run, self.run_artists, self.colours = run, [], layer_colours(run)
        self.title.set_text(run.title)
        self._show_loss(run)
        self._show_inputs(run)
        self._by_layer(self.norms, run.gradient_norms, NORM_LIMITS)
        self._by_layer(self.ratios, run.update_ratios, RATIO_LIMITS)
        self._by_layer(self.dead, run.dead_shares, (0, 1))
        if not run.dead_shares:
            self._note(self.dead, "no activations to read")
            self._note(self.outputs, "no activations to read")
        for line, name in zip(self.histogram_lines, [*run.output_shares, *[""] * len(LAYERS)], strict=False):
            line.set_color(self.colours.get(name, plots.GREY))
            line.set_data(BIN_CENTRES if name else [], np.zeros(len(BIN_CENTRES)) if name else [])
        self.run_artists.append(self._legend(run))

    def _legend(self, run: RecordedRun) -> Any:
        """Each colour with the layers that have it."""
        layers: dict[str, list[str]] = {}
        for layer, colour in self.colours.items():
            layers.setdefault(colour, []).append(layer)
        names = [Line2D([], [], color=colour, lw=3, label=", ".join(named)) for colour, named in layers.items()]
        look = dict(fontsize=9.5, handlelength=1, columnspacing=1.1, handletextpad=0.4, borderaxespad=0.2)
        return self.figure.legend(handles=names, loc="upper right", ncols=max(1, len(names)), **look)

    def _show_loss(self, run: RecordedRun) -> None:
        """From 0 up, or on a logarithmic axis if it grows to far more than it was at first."""
        values, steep = run.loss.values, 0.0
        first = max(run.guessing_loss, float(values[0]) if len(values) else 1.0, 1e-9)
        greatest = float(values.max(initial=first))
        if greatest > 5 * first:
            steep = max(float(values.min()), 1e-3 * first)
        self.loss.set_yscale("log" if steep else "linear")
        self.loss.set_ylim(0.7 * steep, (2 if steep else 1.2) * greatest)
        drawn = np.maximum(values, 0.8 * steep) if steep else values
        self._line(self.loss, StepCurve(run.loss.steps, drawn), plots.BLUE, lw=1.4)
        if (values < drawn).any():
            self._note(self.loss, "less is drawn at\nthe lower edge", 0.03, 0.04, "left", "bottom")
        if run.guessing_loss:
            self.run_artists.append(self.loss.axhline(run.guessing_loss, color=plots.GREY, lw=1.2, ls="-."))
            text = f"ln {round(np.exp(run.guessing_loss))}"
            look = dict(ha="right", va="bottom", transform=self.loss.get_yaxis_transform(), **NOTE_STYLE)
            self.run_artists.append(self.loss.text(0.97, run.guessing_loss * 1.03, text, **look))
        if run.first_nonfinite:
            self._note(self.loss, f"not a number\nfrom step {run.first_nonfinite}")

    def _show_inputs(self, run: RecordedRun) -> None:
        mean, std = run.input_mean.values, run.input_std.values
        if not len(mean):
            self.inputs.set_ylim(-2, 2)
            return self._note(self.inputs, "integers go in:\nno standard deviation")
        low, high = float((mean - std).min()), float((mean + std).max())
        self.inputs.set_ylim(min(-2.0, 1.2 * low), max(2.0, 1.2 * high))
        band = self.inputs.fill_between(
            run.input_mean.steps, mean - std, mean + std, color=plots.FORWARD, alpha=0.2, lw=0
        )
        self.run_artists.append(band)
        self._line(self.inputs, run.input_mean, plots.FORWARD, lw=1.4)

    def _by_layer(self, ax: Axes, curves: Mapping[str, StepCurve], ends: tuple[float, float]) -> None:
        """A line for each layer. What is 0 or too small for the axis is drawn at its lower edge, with a note."""
        low, high = (2 * ends[0], ends[1] / 2) if ends[0] else ends
        for k, (layer, curve) in enumerate(curves.items()):
            inside = StepCurve(curve.steps, np.clip(curve.values, low, high))
            self._line(ax, inside, self.colours.get(layer, plots.GREY), lw=line_width(k))
        if ends[0] and any((curve.values == 0).any() for curve in curves.values()):
            self._note(ax, "0 is drawn at\nthe lower edge", 0.97, 0.95, "right", "top")

    def _line(self, ax: Axes, curve: StepCurve, colour: str, **look: Any) -> None:
        self.run_artists += ax.plot(curve.steps, curve.values, color=colour, **look)

    def _note(
        self, ax: Axes, text: str, x: float = 0.5, y: float = 0.5, ha: str = "center", va: str = "center"
    ) -> None:
        self.run_artists.append(ax.text(x, y, text, ha=ha, va=va, transform=ax.transAxes, **NOTE_STYLE))


def _short(value: float, digits: int = 2) -> str:
    """Few digits: 0.0043, 31, 310, 2e6."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{float(f'{value:.{digits}g}'):g}"
    return re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.1g}")


def _number(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.3g}"


def _numbers(curves: Mapping[str, StepCurve], step: int, percent: bool = False, digits: int = 2) -> str:
    """The values of up to two layers; of more layers the smallest and the largest."""
    values = [value for value in (each.at(step) for each in curves.values()) if value is not None]
    texts = [f"{value:.0%}" if percent else _short(value, digits) for value in values]
    if len(texts) <= 2:
        return ", ".join(texts)
    return f"{texts[int(np.argmin(values))]} … {texts[int(np.argmax(values))]}"
