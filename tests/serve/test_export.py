"""From PyTorch to the served file, and what is refused on the way."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from nnlab.datasets import mnist
from nnlab.dev.inside.export import export
from nnlab.dev.inside.train import read, run
from nnlab.serve.card import Card
from nnlab.serve.digits import digits_card, digits_network, write_digits
from nnlab.serve.export import Scaled, export_onnx
from nnlab.serve.model import ServedModel


def test_the_file_computes_what_the_network_does(tmp_path):
    write_digits(tmp_path / "d.onnx")
    served, x = ServedModel(tmp_path / "d.onnx"), (mnist("test")[0][:300] / 255).astype(np.float32)[:, None]
    with torch.no_grad():
        logits = digits_network()(torch.from_numpy(x)).numpy()
    for n in (1, 7, 300):
        np.testing.assert_allclose(served.logits(x[:n]), logits[:n], rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(served.probabilities(x).sum(axis=1), 1, atol=1e-6)
    assert served.card == digits_card() and served.reference.names[-1] == "class"
    assert max(served.reference.compare(x, served.probabilities(x)).values()) < 0.2
    content = (tmp_path / "d.onnx").read_bytes()
    assert len(content) < 200_000 and len(list(tmp_path.iterdir())) == 1
    assert not any(word in content for word in (b".py", b"site-packages")), "it says where it was made"


def test_scaling_goes_into_the_file_and_the_mode_stays(tmp_path):
    model = Scaled(nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2)), 0.5, 2.0).train()
    export_onnx(model, tmp_path / "m.onnx", Card("m", "1", (3,), ("a", "b")))
    assert model.training
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    with torch.no_grad():
        wanted = model.model[1](torch.from_numpy((x - 0.5) / 2)).numpy()
    np.testing.assert_allclose(ServedModel(tmp_path / "m.onnx").logits(x), wanted, atol=1e-6)
    with pytest.raises(ValueError, match="card: 3 classes"):
        export_onnx(model, tmp_path / "n.onnx", Card("m", "1", (3,), ("a", "b", "c")))
    assert not (tmp_path / "n.onnx").exists()


def test_a_checkpoint_of_train_becomes_a_served_file(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text(f'out = "{(tmp_path / "out").as_posix()}"\nexamples = 500\nepochs = 1\n')
    run(read(config), progress=False)
    for name in ("best.pt", "checkpoint.pt"):
        served = ServedModel(export(tmp_path / "out" / name, config))
        assert served.card.shape == (1, 28, 28) and served.reference is not None
    other = tmp_path / "other.toml"
    other.write_text('out = "x"\n[model_options]\nchannels = [4]\n')
    with pytest.raises(ValueError, match="another architecture"):
        export(tmp_path / "out" / "best.pt", other)
    (tmp_path / "bad.pt").write_bytes(b"\x80\x02cos\nsystem\n.")
    with pytest.raises(ValueError, match="was not opened"):
        export(tmp_path / "bad.pt", config)


def test_files_that_are_not_served(tmp_path, make):
    for name, content, error, sentence in (
        ("m.pt", b"", ValueError, "may be a pickle"),
        ("m.pkl", b"", ValueError, "may be a pickle"),
        ("none.onnx", None, FileNotFoundError, "no model none.onnx"),
        ("m.onnx", b"nonsense", ValueError, "no ONNX file"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(error, match=sentence):
            ServedModel(tmp_path / name)


def test_a_foreign_file_has_its_sizes_from_the_graph(make):
    served = ServedModel(make(card=None))
    assert served.card.shape == (3,) and served.card.classes == ("0", "1") and served.reference is None
    proto = onnx.load(make("2", card=None))
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "open"
    path = make("3", card=None)
    onnx.save(proto, path)
    with pytest.raises(ValueError, match="leaves its sizes open"):
        ServedModel(path)


def test_a_network_that_gives_nan_fails_loudly(make):
    with pytest.raises(FloatingPointError, match="not finite"):
        ServedModel(make(log=True)).probabilities(-np.ones((1, 3), np.float32))
