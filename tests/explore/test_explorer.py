"""Explorer, Run and Panel without a page: what moves, what is told, what is kept."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnlab.explore import Choice, Explorer, Goal, Run, Slider, Toggle
from nnlab.explore import panel as panel_module
from nnlab.explore.panel import Panel


class Wave:
    """Draws (x, y) and counts how often it did."""

    def __init__(self, figure):
        self.updates = 0
        ax = figure.subplots()
        ax.set(xlim=(0, 1), ylim=(-1.2, 1.2))
        (self.line,) = ax.plot([], [], animated=True)

    def update(self, d):
        self.updates += 1
        self.line.set_data(*d)


def wave(speed, shift, kind, mirrored):
    if shift > 0.95:
        raise ValueError("no wave <here>")
    x = np.linspace(0, 1, 50)
    y = getattr(np, kind)(2 * np.pi * (speed * x + shift))
    return x, -y if mirrored else y


def make(**changes: Any) -> Explorer:
    settings: dict[str, Any] = dict(
        compute=wave,
        draw=Wave,
        alt="a wave",
        controls={
            "speed": Slider(0.5, 10.0, 0.1, 2.0, unit="Hz"),
            "shift": Slider(0.0, 1.0, 0.01, 0.5),
            "kind": Choice(["sin", "cos"]),
            "mirrored": Toggle(),
        },
        goal=Goal("make it fast", lambda d: np.abs(np.diff(d[1])).max() > 0.8, solution=dict(speed=8.0)),
        presets={"slow": dict(speed=1.0)},
    )
    return Explorer(**{**settings, **changes})


def runner(**changes: Any) -> Explorer:
    settings: dict[str, Any] = dict(length=50, live=("gain",), pause=0.001)
    run = Run(
        begin=lambda start, gain: [float(start)],
        advance=lambda state, start, gain: state.append(state[-1] + gain),
        **{**settings, **changes},
    )
    return Explorer(
        compute=lambda state, start, gain: ([0, 1], [min(state[-1], 1)] * 2) if state[-1] < 1e6 else 1 / 0,
        draw=Wave,
        alt="a level",
        controls={"start": Slider(0, 5, 1, 1), "gain": Slider(0.0, 1.0, 0.1, 0.1)},
        goal=Goal("rise", lambda d: d[1][0] >= 1, solution=dict(start=0), steps=10),
        run=run,
    )


class Handle:
    """Takes down what would be displayed."""

    def __init__(self, display_id: str):
        self.first: list[tuple[dict, dict]] = []
        self.frames: list[tuple[dict, dict]] = []

    def display(self, bundle, raw, metadata):
        assert raw
        self.first.append((bundle, metadata))

    def update(self, bundle, raw, metadata):
        assert raw
        self.frames.append((bundle, metadata))


@pytest.fixture
def shown(monkeypatch):
    """Makes panels that display into lists."""
    controls: list[dict] = []
    monkeypatch.setattr(panel_module, "DisplayHandle", Handle)
    monkeypatch.setattr(panel_module, "display", lambda bundle, raw: controls.append(bundle))

    def show(explorer):
        panel = Panel(explorer)
        panel.show()
        panel.controls = controls[-1]
        return panel

    return show


# ------------------------------------------------------------------------------------------------- from code


def test_set_data_reset():
    explorer = make()
    first = explorer.png()
    explorer.set(speed=8.0, kind="cos")
    assert explorer.values == {"speed": 8.0, "shift": 0.5, "kind": "cos", "mirrored": False}
    np.testing.assert_array_equal(explorer.data[1], wave(8.0, 0.5, "cos", False)[1])
    assert explorer.png() != first
    explorer.reset()
    assert explorer.values["speed"] == 2.0 and explorer.png() == first


def test_goal_is_met_by_its_solution_alone():
    explorer = make()
    assert not explorer.reached
    explorer.set(**explorer.goal.solution)
    assert explorer.reached
    assert not make(goal=None).reached


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sped": 1.0}, "speed"),
        ({"speed": 99.0}, "goes from 0.5 to 10.0"),
        ({"speed": "2"}, "goes from"),
        ({"speed": True}, "goes from"),
        ({"speed": float("nan")}, "goes from"),
        ({"kind": "tan"}, "sin, cos"),
        ({"mirrored": 1}, "True or False"),
        ({"speed": 3.0, "kind": "tan"}, "sin, cos"),
    ],
)
def test_wrong_values_are_refused_and_nothing_moves(values, words):
    explorer = make()
    before, picture = dict(explorer.values), explorer.png()
    with pytest.raises(ValueError, match=words):
        explorer.set(**values)
    assert explorer.values == before and explorer.png() == picture


def test_wrong_settings_are_refused_when_an_explorer_is_made():
    with pytest.raises(ValueError):
        make(presets={"bad": dict(speed=99.0)})
    with pytest.raises(ValueError):
        make(goal=Goal("far", lambda d: True, solution=dict(sped=1.0)))
    with pytest.raises(ValueError, match="min < max"):
        Slider(1.0, 1.0)
    with pytest.raises(ValueError):
        Choice(["a", "b"], "c")


def test_an_error_in_compute_is_raised_and_the_picture_stays():
    explorer = make()
    explorer.set(speed=3.0)
    picture = explorer.png()
    with pytest.raises(ValueError, match="no wave"):
        explorer.set(shift=1.0)
    assert explorer.png() == picture
    explorer.set(shift=0.1)
    assert explorer.png() != picture


def test_compute_moves_nothing():
    explorer = make()
    before = dict(explorer.values)
    data = explorer.compute(speed=8.0)
    np.testing.assert_array_equal(data[1], wave(8.0, 0.5, "sin", False)[1])
    assert explorer.values == before


def test_a_slider_keeps_the_number_that_its_readout_shows():
    slider = Slider(-6.0, 6.0, 0.05)
    assert slider.check(1.0499999999999998) == 1.05
    assert slider.check(-6.000000000000001) == -6.0
    whole = Slider(0, 10, 1)
    assert whole.check(3) == 3 and isinstance(whole.check(3.0), int)


# ------------------------------------------------------------------------------------------------- things that run


def test_run_advances_and_ends():
    explorer = runner()
    explorer.advance(3)
    assert explorer.steps == 3 and explorer.data[1][0] == 1
    explorer.advance(1000)
    assert explorer.steps == 50 and explorer.finished
    explorer.advance()
    assert explorer.steps == 50
    explorer.restart()
    assert explorer.steps == 0 and not explorer.finished


def test_live_controls_act_on_the_run_and_others_begin_it_anew():
    explorer = runner()
    explorer.set(start=0)
    explorer.advance(2)
    assert explorer.data[1][0] == pytest.approx(0.2)
    explorer.set(gain=0.5)
    assert explorer.steps == 2
    explorer.advance(1)
    assert explorer.data[1][0] == pytest.approx(0.7)
    explorer.set(start=0)  # where it stands already: no new beginning
    assert explorer.steps == 3
    explorer.set(start=2)
    assert explorer.steps == 0


def test_steps_shown_before_play():
    explorer = runner(shown=4)
    explorer.png()
    assert explorer.steps == 4
    explorer.restart()
    assert explorer.steps == 0
    explorer.reset()
    assert explorer.steps == 4


def test_advance_stops_when_its_time_is_over():
    explorer = runner(length=10**9)
    explorer.advance(10**9, seconds=0.02)
    assert 1 <= explorer.steps < 10**9


def test_what_does_not_run_cannot_advance():
    with pytest.raises(TypeError, match="does not run"):
        make().advance()


# ------------------------------------------------------------------------------------------------- in a page


def test_the_picture_is_one_output_with_size_and_words(shown):
    panel = shown(make())
    ((bundle, metadata),) = panel.picture.first
    assert metadata["image/png"] == {"width": 700, "height": 350, "alt": "a wave"}
    assert set(bundle) == {"image/png", "text/plain"}
    assert "application/vnd.jupyter.widget-view+json" in panel.controls


def test_texts_of_two_panels_are_the_same(shown):
    """Strict comparison of notebooks reads them, so no id and no bytes may stand in them."""
    one, other = shown(make()), shown(make())
    assert one.picture.first[0][0]["text/plain"] == other.picture.first[0][0]["text/plain"]
    assert one.controls["text/plain"] == other.controls["text/plain"]
    assert len(one.controls["text/plain"]) < 200


def test_moving_a_widget_moves_the_explorer_and_paints_once(shown):
    panel = shown(make())
    panel.widgets["speed"].value = 8.0
    assert panel.explorer.values["speed"] == 8.0
    assert len(panel.picture.frames) == 1
    ((bundle, metadata),) = panel.picture.frames
    assert metadata["image/png"]["alt"] == "a wave" and bundle["image/png"] != panel.picture.first[0][0]["image/png"]
    assert "✓ Reached" in panel.goal.value
    panel.widgets["kind"].value = "cos"
    assert panel.explorer.values["kind"] == "cos"


def test_moving_the_explorer_moves_the_widgets_without_an_echo(shown):
    panel = shown(make())
    panel.explorer.set(speed=5.0, kind="cos", mirrored=True)
    assert {name: widget.value for name, widget in panel.widgets.items()} == panel.explorer.values
    assert len(panel.picture.frames) == 1


def test_what_was_moved_before_it_is_shown_stands_there(shown):
    """Else the first touch of the page would move everything back."""
    explorer = make()
    explorer.set(speed=5.0, kind="cos", mirrored=True)
    panel = shown(explorer)
    assert {name: widget.value for name, widget in panel.widgets.items()} == explorer.values
    assert explorer.values == {"speed": 5.0, "shift": 0.5, "kind": "cos", "mirrored": True}
    assert not panel.picture.frames


def test_a_hair_beside_the_decimal_is_not_sent_back(shown):
    """Else the page would get an older value while the hand still drags."""
    panel = shown(make())
    sent = []
    panel.widgets["speed"].observe(lambda change: sent.append(change["new"]), "value")
    panel.widgets["speed"].value = 2.0999999999999996
    assert sent == [2.0999999999999996] and panel.explorer.values["speed"] == 2.1


def test_an_error_is_told_in_the_panel_and_goes_again(shown):
    panel = shown(make())
    panel.widgets["shift"].value = 1.0
    assert panel.error.layout.display is None
    assert "no wave &lt;here&gt;" in panel.error.value
    last = panel.picture.frames[-1][0]["image/png"] if panel.picture.frames else panel.picture.first[0][0]["image/png"]
    panel.widgets["shift"].value = 0.2
    assert panel.error.layout.display == "none"
    assert panel.picture.frames[-1][0]["image/png"] != last


def buttons(panel: Panel) -> dict[str, Any]:
    return {child.description: child for child in panel.buttons.children if hasattr(child, "click")}


def test_presets_and_reset_are_buttons(shown):
    panel = shown(make())
    assert list(buttons(panel)) == ["slow", "Reset"]
    buttons(panel)["slow"].click()
    assert panel.explorer.values["speed"] == 1.0 == panel.widgets["speed"].value
    buttons(panel)["Reset"].click()
    assert panel.widgets["speed"].value == 2.0


def test_step_and_restart_buttons(shown):
    panel = shown(runner())
    assert list(buttons(panel)) == ["Play", "Step", "Restart", "Reset"]
    buttons(panel)["Step"].click()
    buttons(panel)["Step"].click()
    assert panel.explorer.steps == 2 == panel.progress.value and panel.count.value == "step 2 of 50"
    buttons(panel)["Restart"].click()
    assert panel.explorer.steps == 0


def test_play_without_a_kernel_is_told(shown):
    panel = shown(runner())
    panel.play.click()
    assert "Play needs a running notebook" in panel.error.value


def loops() -> int:
    return sum("Panel._run" in repr(task) for task in asyncio.all_tasks())


def test_play_runs_beside_other_work_and_ends_by_itself(shown):
    async def scene():
        panel = shown(runner(per_frame=1))
        panel.play.click()
        assert panel.play.description == "Pause"
        turns = 0  # other work gets its turn between any two frames
        while not panel.explorer.finished:
            turns += 1
            await asyncio.sleep(0.001)
        assert turns >= 25 and len(panel.picture.frames) >= 50
        await asyncio.sleep(0.05)
        assert panel.play.description == "Play" and panel.play.disabled and loops() == 0
        assert panel.explorer.steps == 50

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_pause_stops_and_play_pressed_again_makes_no_second_loop(shown):
    async def scene():
        panel = shown(runner(length=10**6, per_frame=1, pause=0.02))
        panel.play.click()
        while panel.explorer.steps < 2:
            await asyncio.sleep(0.001)
        for _ in range(3):  # all within one pause of the loop
            panel.play.click()
            panel.play.click()
        await asyncio.sleep(0.1)
        assert loops() == 1
        panel.play.click()
        await asyncio.sleep(0.1)
        steps = panel.explorer.steps
        await asyncio.sleep(0.1)
        assert panel.explorer.steps == steps and loops() == 0

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_an_error_while_playing_stops_and_is_told(shown):
    async def scene():
        panel = shown(runner(length=10**9, per_frame=1))
        panel.explorer.set(start=5)
        panel.explorer._state.append(1e9)
        panel.play.click()
        while not panel.error.value:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        assert "ZeroDivisionError" in panel.error.value and loops() == 0

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_an_explorer_shown_twice_belongs_to_the_latest_place(shown):
    explorer = make()
    old, new = shown(explorer), shown(explorer)
    explorer.set(speed=3.0)
    assert not old.picture.frames and len(new.picture.frames) == 1


def test_frame_and_png_are_the_same_picture():
    explorer = make()
    fast, small = explorer.frame(), explorer.png()
    assert len(small) < len(fast)
    one, other = (np.asarray(Image.open(io.BytesIO(png))) for png in (fast, small))
    np.testing.assert_array_equal(one, other)
