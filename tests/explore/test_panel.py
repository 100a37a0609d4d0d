"""A panel without a page: what is shown, what moves, what is said, and that Play lets other work have its turn."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

from nnlab import explore
from nnlab.explore import panel as panel_module
from nnlab.explore.missing import Missing, or_missing
from nnlab.explore.panel import REST, Panel
from tests.explore.toys import buttons, make, runner


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


def in_a_thread(function: Callable[[], None]) -> None:
    """Where no event loop runs: the browser tests leave Playwright's running in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(function).result()


def played(scene: Coroutine[None, None, None]) -> None:
    in_a_thread(lambda: asyncio.run(asyncio.wait_for(scene, 60)))


def test_play_without_a_kernel_is_told(shown):
    def scene():
        panel = shown(runner())
        panel.play.click()
        assert "Play needs a running notebook" in panel.error.value

    in_a_thread(scene)


def test_where_cells_have_no_id_a_new_explorer_stops_no_other(shown):
    """As in a browser's kernel."""

    async def scene():
        first = shown(runner(length=10**6))
        first.play.click()
        shown(runner())
        assert first.play.description == "Pause"
        first.play.click()

    played(scene())


def test_an_explorer_without_its_library_is_a_sentence(shown, monkeypatch):
    """Whether the library is missed when it is made or when it is drawn."""

    def draws(*names, **values):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    told = []
    monkeypatch.setattr("nnlab.explore.panel.display", lambda thing, **_: told.append(thing))
    Panel.shown(make(compute=draws))
    assert isinstance(or_missing(draws)(), Missing)
    assert "needs PyTorch" in told[0].text and "needs PyTorch" in told[0]._repr_html_()
    monkeypatch.setattr(explore, "import_module", draws)
    assert isinstance(explore._find("neuron_explorer")(w1=0.5), Missing), "also where its module cannot be imported"


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

    played(scene())


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

    played(scene())


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

    played(scene())


def test_an_explorer_shown_twice_belongs_to_the_latest_place(shown):
    explorer = make()
    old, new = shown(explorer), shown(explorer)
    explorer.set(speed=3.0)
    assert not old.picture.frames and len(new.picture.frames) == 1


def width(frame) -> int:
    bundle, metadata = frame
    assert metadata["image/png"]["width"] == 700  # shown at the same size, whatever its pixels
    return Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).width


def test_the_first_picture_is_sharp(shown):
    assert width(shown(make()).picture.first[0]) == 1400


def test_the_picture_is_plain_while_a_control_moves_and_sharp_once_it_rests(shown):
    """However many moves there are, one sharp picture is drawn, after the last."""

    async def scene():
        panel = shown(make())
        frames = panel.picture.frames
        for k in range(5):
            panel.widgets["speed"].value = 3.0 + k
            await asyncio.sleep(0)  # the kernel reads its messages between two moves
        assert [width(frame) for frame in frames] == [700] * 5
        while len(frames) < 6:
            await asyncio.sleep(0.01)
        await asyncio.sleep(3 * REST)
        assert [width(frame) for frame in frames] == [700] * 5 + [1400]

    played(scene())


def test_a_run_is_plain_and_sharp_when_it_stops(shown):
    async def scene():
        panel = shown(runner(length=10**6, per_frame=1))
        panel.play.click()
        await asyncio.sleep(3 * REST)
        widths = [width(frame) for frame in panel.picture.frames]
        assert len(widths) > 3 and set(widths) == {700}
        panel.play.click()
        while width(panel.picture.frames[-1]) == 700:
            await asyncio.sleep(0.01)
        frames = len(panel.picture.frames)
        await asyncio.sleep(3 * REST)
        assert len(panel.picture.frames) == frames

    played(scene())


def test_a_sharp_picture_that_fails_leaves_the_plain_one(shown, monkeypatch):
    async def scene():
        panel = shown(make())
        asked, frame = [], panel.explorer.frame

        def failing(scale=1):
            asked.append(scale)
            if scale > 1:
                raise MemoryError
            return frame()

        monkeypatch.setattr(panel.explorer, "frame", failing)
        panel.widgets["speed"].value = 8.0
        while asked != [1, 2]:
            await asyncio.sleep(0.01)
        assert panel.error.layout.display == "none"
        panel.widgets["speed"].value = 4.0
        assert [width(frame) for frame in panel.picture.frames] == [700, 700]

    played(scene())


def test_what_a_cell_moves_is_sharp_when_the_cell_ends(shown, monkeypatch):
    shell = InteractiveShell()
    shell.get_parent = lambda: {"header": {"msg_type": "execute_request"}}
    monkeypatch.setattr(panel_module, "get_ipython", lambda: shell)
    panel = shown(make())
    for speed in (3.0, 4.0):
        panel.explorer.set(speed=speed)
    shell.events.trigger("post_run_cell", None)
    shell.events.trigger("post_run_cell", None)
    assert [width(frame) for frame in panel.picture.frames] == [700, 700, 1400]
