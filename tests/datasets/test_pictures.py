"""Pictures of one's own: where their path may point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.datasets import emoji
from nnlab.datasets.pictures import emoji_split, grey, square


def test_a_path_may_begin_at_home_or_hold_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(np.full((10, 12), 255, np.uint8)).save(tmp_path / "white.png")
    for name in ("HOME", "USERPROFILE", "PICTURES"):
        monkeypatch.setenv(name, str(tmp_path))
    for path in ("~/white.png", "$PICTURES/white.png", tmp_path / "white.png"):
        np.testing.assert_array_equal(grey(path), np.ones((10, 12)))
    with pytest.raises(FileNotFoundError, match="black"):
        grey("~/black.png")


def save(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def test_a_square_of_any_mode_and_size(tmp_path: Path) -> None:
    """Left black, right white, in every mode that files come in."""
    grey8 = np.tile(np.where(np.arange(40) < 20, 0, 255).astype(np.uint8), (40, 1))
    plain = Image.fromarray(grey8)
    wide = Image.fromarray(np.where(grey8 > 0, 65535, 0).astype(np.uint16))
    files = [
        save(plain, tmp_path / "l.png"),
        save(plain.convert("1"), tmp_path / "1.png"),
        save(plain.convert("RGB"), tmp_path / "rgb.jpg", quality=100),
        save(plain.convert("P"), tmp_path / "p.gif"),
        save(plain.convert("CMYK"), tmp_path / "cmyk.tif"),
        save(plain.convert("RGBA"), tmp_path / "rgba.png"),
        save(plain.convert("LA"), tmp_path / "la.png"),
        save(wide, tmp_path / "16.png"),
    ]
    for path in files:
        x = square(path, 20)
        assert x.shape == (20, 20, 3) and x.dtype == np.uint8
        assert x[:, :9].max() < 12 and x[:, 11:].min() > 243, path.name
        assert square(path, 20, grey=True).shape == (20, 20, 1)


def test_what_is_transparent_is_white_also_in_a_palette(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (12, 12), (255, 0, 0, 0))
    assert square(save(clear, tmp_path / "a.png"), 12).min() == 255
    palette = Image.new("P", (12, 12), 0)
    palette.putpalette([0, 0, 0] + [255] * 765)
    assert square(save(palette, tmp_path / "p.png", transparency=0), 12).min() == 255
    grey = Image.new("L", (12, 12), 7)
    assert square(save(grey, tmp_path / "l.png", transparency=7), 12).min() == 255


def test_nothing_is_cut_or_stretched(tmp_path: Path) -> None:
    x = square(save(Image.new("L", (40, 10), 0), tmp_path / "flat.png"), 40)
    assert (x[15:25] == 0).all() and (x[:15] == 255).all() and (x[25:] == 255).all()
    assert square(np.zeros((8, 8)), 64).shape == (64, 64, 3)


def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    image = Image.fromarray(np.tile(np.where(np.arange(32) < 16, 0, 255).astype(np.uint8), (32, 1)))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise: left becomes top
    x = square(save(image, tmp_path / "turned.jpg", quality=100, exif=exif), 32)
    assert x[:14].max() < 30 and x[18:].min() > 225


def test_what_cannot_be_read_gets_a_sentence(tmp_path: Path) -> None:
    whole = save(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)), tmp_path / "a.png")
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:2000])
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    save(Image.fromarray(np.zeros((9, 9), np.float32)), tmp_path / "float.tif")
    save(Image.fromarray(np.full((9, 9), 70000, np.int32)), tmp_path / "32.tif")
    for name in ("cut.png", "text.png", "empty.jpg"):
        with pytest.raises(ValueError, match="is no picture that can be read: give a JPEG or PNG file"):
            square(tmp_path / name)
        with pytest.raises(ValueError, match="is no picture that can be read"):
            grey(tmp_path / name)
    with pytest.raises(ValueError, match="holds fractions"):
        square(tmp_path / "float.tif")
    with pytest.raises(ValueError, match="more than 16 bits a pixel"):
        square(tmp_path / "32.tif")
    with pytest.raises(FileNotFoundError, match="no picture"):
        square(tmp_path)
    with pytest.raises(TypeError, match="whole numbers 0 to 255"):
        square(np.array([["a"]]))


def test_the_emoji_are_split_once_and_by_category() -> None:
    train, validation, test = emoji_split()
    assert [len(part) for part in emoji_split()] == [1190, 238, 478]
    assert sorted(np.concatenate([train, validation, test])) == list(range(1906))
    labels = emoji().labels
    shares = [np.bincount(labels[part]) / len(part) for part in (train, validation, test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.01 and np.abs(shares[0] - shares[2]).max() < 0.01
    assert not np.array_equal(emoji_split(1)[2], test)
