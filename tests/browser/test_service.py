"""The service's own page, in a real browser: draw a digit, and read the answer."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from nnlab.serve.client import running
from nnlab.serve.digits import write_digits


def test_a_digit_is_drawn_and_answered(browser: Browser, tmp_path: Path, screenshots: Path) -> None:
    write_digits(tmp_path / "digits.onnx")
    with running(tmp_path / "digits.onnx") as service:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(service.url)
        box = page.locator("canvas").bounding_box()
        assert box

        def stroke(*points: tuple[float, float]) -> None:
            assert box
            places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
            page.mouse.move(*places[0])
            page.mouse.down()
            for place in places[1:]:
                page.mouse.move(*place, steps=8)
            page.mouse.up()

        answer = page.get_by_role("status")
        stroke((0.5, 0.15), (0.5, 0.85))
        expect(answer).to_contain_text("1 with probability")
        page.screenshot(path=screenshots / "service.png")
        page.get_by_role("button", name="Clear").click()
        expect(answer).to_have_text("")
        stroke((0.2, 0.2), (0.8, 0.2), (0.45, 0.9))
        expect(answer).to_contain_text("7 with probability")
        expect(answer).to_contain_text("says digits 1")
        for dark in ("dark", "light"):
            page.emulate_media(color_scheme=dark)  # type: ignore[arg-type]
            page.screenshot(path=screenshots / f"service_{dark}.png")
        assert said == []
        page.close()
    assert service.process.returncode == 0
