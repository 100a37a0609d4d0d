"""CIFAR-10 from a folder, in both of its formats; the files are made here."""

from __future__ import annotations

import hashlib
import pickle
import re
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10

from nnlab.dev.inside import train as command
from nnlab.pytorch.cifar import CLASSES, SPLITS, cifar10

ROOT = Path(__file__).parents[2]
BATCH = 40  # pictures a file; the real ones have 10,000
FILES = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]


def pictures(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Of file k: rows of 3,072 bytes, whose brightness tells the class, and labels."""
    rng = np.random.default_rng(k)
    labels = np.arange(BATCH) % 10
    rows = (25 * labels[:, None] + rng.integers(0, 20, (BATCH, 3072))).astype(np.uint8)
    return rows, labels


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for k, name in enumerate(FILES):
        rows, labels = pictures(k)
        np.column_stack([labels.astype(np.uint8), rows]).tofile(folder / f"{name}.bin")
    return tmp_path


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pickles, and torchvision told their checksums in place of the published ones."""
    folder = tmp_path / "py" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    sums = {}
    for k, name in enumerate(FILES):
        rows, labels = pictures(k)
        (folder / name).write_bytes(pickle.dumps({"data": rows, "labels": labels.tolist()}))
        sums[name] = hashlib.md5((folder / name).read_bytes()).hexdigest()
    meta = {"label_names": list(CLASSES)}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta))
    monkeypatch.setattr(CIFAR10, "train_list", [[name, sums[name]] for name in FILES[:5]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", sums["test_batch"]]])
    digest = hashlib.md5((folder / "batches.meta").read_bytes()).hexdigest()
    monkeypatch.setattr(CIFAR10, "meta", {"filename": "batches.meta", "key": "label_names", "md5": digest})
    return tmp_path / "py"


def test_both_formats_hold_the_same(binary: Path, python: Path) -> None:
    for split in SPLITS:
        (x, y), (x_too, y_too) = cifar10(split, binary), cifar10(split, python)
        assert (
            x.dtype == np.uint8
            and x.shape[1:] == (3, 32, 32)
            and len(x) == {"train": 180, "validation": 20}.get(split, 40)
        )
        np.testing.assert_array_equal(x, x_too)
        np.testing.assert_array_equal(y, y_too)
    rows, labels = pictures(0)
    np.testing.assert_array_equal(cifar10("train", binary)[0][3], rows[3].reshape(3, 32, 32))
    np.testing.assert_array_equal(cifar10("train", binary)[1][:BATCH], labels)


def test_what_is_missing_or_damaged_gets_a_sentence(binary: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no whole CIFAR-10: it should have a folder cifar-10-batches-py"):
        cifar10("train", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no split named 'valid'"):
        cifar10("valid", binary)
    (binary / "cifar-10-batches-bin" / "test_batch.bin").write_bytes(bytes(3000))
    with pytest.raises(ValueError, match="damaged: it should hold rows of a label from 0 to 9"):
        cifar10("test", binary)
    (binary / "cifar-10-batches-bin" / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no data_batch_4.bin"):
        cifar10("train", binary)


def test_without_a_network_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("nnlab.pytorch.cifar.FOLDER", tmp_path)
    monkeypatch.setattr(CIFAR10, "download", cut)
    (tmp_path / "c.toml").write_text(f'out = "{(tmp_path / "out").as_posix()}"\ndata = "cifar10"\nmodel = "VGG"\n')
    assert command.main([str(tmp_path / "c.toml")]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "could not be downloaded" in told and 'folder = "/data"' in told


@pytest.mark.parametrize("kind", ["binary", "python"])
def test_the_shipped_configuration_trains_on_it(kind: str, request, tmp_path: Path, capsys) -> None:
    """With a smaller network and two epochs, everything else as configs/cifar10.toml has it."""
    folder = request.getfixturevalue(kind)
    text = (ROOT / "configs" / "cifar10.toml").read_text("utf-8")
    for old, new in {
        'out = "runs/cifar10"': f'out = "{(tmp_path / "out").as_posix()}"\nfolder = "{folder.as_posix()}"\nmixup = 0.2',
        "epochs = 100": "epochs = 2",
        "batch_size = 128": "batch_size = 16",
        "workers = 2": "workers = 0",
        "channels = [64, 128, 256]": "channels = [4, 8, 8]",
        "hidden = 512": "hidden = 16",
        "lr = 0.001": "lr = 0.02",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "c.toml").write_text(text)
    assert command.main([str(tmp_path / "c.toml")]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "airplane" in out and "macro f1" in out and "confusion matrix" in out  # the report by class
    assert re.search(r"The first test picture is predicted as \w+ \(\d+%\); its label is airplane\.", out)
    assert (tmp_path / "out" / "best.pt").exists()


def test_normalised_by_the_training_part_and_augmented_in_bytes(binary: Path) -> None:
    config = command.Config(out="x", data="cifar10", folder=str(binary), augment=True)
    plain = command.data_split(config, "train").tensors[0]
    torch.testing.assert_close(plain.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(plain.std(dim=(0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)
    assert abs(float(command.data_split(config, "test").tensors[0].mean())) > 1e-6  # not by its own
    torch.manual_seed(0)
    data = command.augmented(config, command.data_split(config, "train"))
    x, label = data[5]
    assert x.shape == (3, 32, 32) and x.dtype == torch.float32 and int(label) == 5
    assert not torch.equal(data[5][0], x)  # another time, another picture
    least = float(plain.amin())
    assert float(x.min()) >= least - 0.5 and float(x.max()) < float(plain.amax()) + 1.5


def test_cuda_fast_does_nothing_elsewhere_and_sets_both_on_cuda(binary: Path, tmp_path: Path, monkeypatch) -> None:
    seen = []

    def fake_train(model: torch.nn.Module, *_: object, **options: object) -> None:
        weight = next(model.parameters())
        seen.append((options["amp"], weight.is_contiguous(memory_format=torch.channels_last)))
        raise ValueError("enough")

    monkeypatch.setattr(command, "train", fake_train)
    config = command.Config(out=str(tmp_path), data="cifar10", folder=str(binary), model="VGG", cuda_fast=True)
    for where in ("cpu", "cuda"):
        monkeypatch.setattr(command, "device", lambda where=where: torch.device(where))
        with pytest.raises(ValueError, match="enough"):
            command.run(config, progress=False)
    assert seen == [(None, False), ("bfloat16", True)]
