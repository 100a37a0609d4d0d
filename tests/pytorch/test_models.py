"""The PyTorch models: equal to their NumPy originals, on any device, in bfloat16, and with sentences for bad input."""

import re

import numpy as np
import pytest
import torch

from nnlab import pytorch, scratch
from nnlab.twins import parity

IMAGES, TOKENS = (4, 1, 28, 28), (4, 9)
MODELS = {
    "MLP": (lambda: pytorch.MLP([784, 16, 10], dropout=0.1), IMAGES),
    "CNN": (lambda: pytorch.CNN(dropout=0.1), IMAGES),
    "CNN without batch norm": (lambda: pytorch.CNN(batch_norm=False), IMAGES),
    "VGG": (lambda: pytorch.VGG(1, channels=(4, 8), hidden=16, size=28, dropout=(0.1, 0.1, 0.1)), IMAGES),
    "ResidualBlock": (lambda: torch.nn.Sequential(pytorch.ResidualBlock(1, 4, stride=2), torch.nn.Flatten()), IMAGES),
    "ResNet": (lambda: pytorch.ResNet(channels=(4, 8), blocks=2), IMAGES),
    "plain": (lambda: pytorch.ResNet(channels=(4, 8), blocks=2, residual=False), IMAGES),
    **{
        f"{cell}{', bidirectional' * both}{', the bug' * (last == 'step')}": (
            lambda cell=cell, both=both, last=last: pytorch.SequenceClassifier(
                cell, 6, 8, 10, embedding=20, num_layers=2, bidirectional=both, dropout=0.1, last=last
            ),
            TOKENS,
        )
        for cell in ("rnn", "lstm", "gru")
        for both, last in ((False, "states"), (True, "states"), (True, "step"))
    },
}


def sample(shape, device):
    x = torch.randint(20, shape) if len(shape) == 2 else torch.randn(shape)
    return x.to(device)


@pytest.mark.parametrize("name", MODELS)
def test_no_tensor_is_made_on_the_wrong_device(name):
    """The meta device computes shapes alone and refuses to mix with another device."""
    make, shape = MODELS[name]
    with torch.device("meta"):
        model = make()
        logits = model(torch.zeros(shape, dtype=torch.long if len(shape) == 2 else torch.float))
        target = torch.zeros(shape[0], dtype=torch.long)
        loss = torch.nn.functional.cross_entropy(logits, target)
    loss.backward()
    assert loss.is_meta and all(p.grad is not None and p.grad.is_meta for p in model.parameters())
    moved = make().to("meta")  # made on the CPU and moved: nothing may stay behind
    x = torch.zeros(shape, dtype=torch.long if len(shape) == 2 else torch.float, device="meta")
    assert moved(x).shape == logits.shape
    if len(shape) == 4:  # that the check can fail: a picture left on the CPU is refused
        with pytest.raises((RuntimeError, NotImplementedError)):
            moved(sample(shape, "cpu"))


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_trains_a_step(name, bfloat16):
    torch.manual_seed(0)
    make, shape = MODELS[name]
    model, x, target = make(), sample(shape, "cpu"), torch.arange(shape[0])
    before = [p.detach().clone() for p in model.parameters()]
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        logits = model(x)
        loss = torch.nn.functional.cross_entropy(logits, target)
    assert logits.dtype == (torch.bfloat16 if bfloat16 else torch.float32)
    loss.backward()
    opt.step()
    assert torch.isfinite(loss)
    for p in model.parameters():
        assert p.dtype == torch.float32 and torch.isfinite(p).all()
        assert p.grad is not None and p.grad.dtype == torch.float32
    changed = [not torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True)]
    assert np.mean(changed) > 0.9, "parameters that no gradient reached"


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_the_cnn_equals_its_numpy_original(batch_norm, training):
    rng = np.random.default_rng(1)
    options = dict(in_channels=2, classes=5, channels=(3, 4), hidden=6, size=12, kernel_size=5, batch_norm=batch_norm)
    ours = scratch.CNN(**options, rng=rng)
    ours.train() if training else ours.eval()
    proof = parity(ours, pytorch.CNN(**options), rng.normal(size=(4, 2, 12, 12)), rng=rng)
    assert proof.agree, proof
    assert sum(p.size for p in ours.params.values()) == sum(p.numel() for p in pytorch.CNN(**options).parameters())


@pytest.mark.parametrize(("cell", "layer"), [("rnn", scratch.RNN), ("lstm", scratch.LSTM), ("gru", scratch.GRU)])
def test_the_sequence_classifier_reads_the_final_states_of_its_numpy_original(cell, layer):
    rng = np.random.default_rng(2)
    ours = layer(3, 4, num_layers=2, bidirectional=True, rng=rng)
    model = pytorch.SequenceClassifier(cell, 3, 4, 2, num_layers=2, bidirectional=True).double()
    model.cell.load_state_dict({name: torch.tensor(p) for name, p in ours.state_dict().items()})
    x = rng.normal(size=(5, 7, 3))
    ours.forward(x)
    states = np.concatenate([ours.h_n[-2], ours.h_n[-1]], axis=1)
    wanted = states @ model.head.weight.detach().numpy().T + model.head.bias.detach().numpy()
    np.testing.assert_allclose(model(torch.tensor(x)).detach(), wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing_where_lengths_are_given(cell, bidirectional):
    torch.manual_seed(0)
    model = pytorch.SequenceClassifier(cell, 4, 5, 3, bidirectional=bidirectional, embedding=10).eval()
    words = [torch.tensor(w) for w in ([1, 2, 3], [4], [5, 6, 7, 8, 9, 1])]
    padded = torch.nn.utils.rnn.pad_sequence(words, batch_first=True)
    alone = torch.cat([model(word[None]) for word in words])
    torch.testing.assert_close(model(padded, [3, 1, 6]), alone)
    longer = torch.nn.functional.pad(padded, (0, 4), value=9)
    torch.testing.assert_close(model(longer, torch.tensor([3, 1, 6])), alone)
    bug = pytorch.SequenceClassifier(cell, 4, 5, 3, bidirectional=bidirectional, embedding=10, last="step").eval()
    bug.load_state_dict(model.state_dict())
    assert (bug(longer) - alone).abs().max() > 0.01  # the bug reads padding


def test_packing_keeps_to_the_device_of_x():
    """Only the lengths stay on the CPU, where packing wants them."""
    with torch.device("meta"):
        model = pytorch.SequenceClassifier("lstm", 4, 5, 3, bidirectional=True, embedding=10)
        tokens = torch.zeros(3, 6, dtype=torch.long)
    model(tokens, [3, 1, 6]).sum().backward()
    assert all(p.grad is not None and p.grad.is_meta for p in model.parameters())


def test_a_residual_block_projects_where_shapes_differ_and_the_plain_twin_does_not():
    x = torch.randn(2, 4, 9, 7)
    assert isinstance(pytorch.ResidualBlock(4, 4).shortcut, torch.nn.Identity)
    assert pytorch.ResidualBlock(4, 6, stride=2)(x).shape == (2, 6, 5, 4)
    block = pytorch.ResidualBlock(4, 4).eval()
    torch.nn.init.zeros_(block.conv2.weight)  # f(x) = 0: the shortcut alone is left
    torch.testing.assert_close(block(x), torch.relu(x))
    block.residual = False
    assert block(x).abs().max() == 0


def test_the_default_resnet_has_20_layers_and_its_plain_twin_as_many():
    for residual in (True, False):
        net = pytorch.ResNet(residual=residual)
        path = [m for m in net.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)]
        assert len([m for m in path if getattr(m, "kernel_size", 0) != (1, 1)]) == 20


def test_the_default_vgg_is_cifars_usual_one():
    net = pytorch.VGG()
    assert sum(p.numel() for p in net.parameters()) == 3_249_098
    kinds = [type(m).__name__ for m in net if type(m).__name__ in ("Conv2d", "MaxPool2d", "Dropout", "Linear")]
    assert kinds == ["Conv2d", "Conv2d", "MaxPool2d", "Dropout"] * 3 + ["Linear", "Dropout", "Linear"]
    assert all(m.bias is None for m in net if isinstance(m, torch.nn.Conv2d))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: pytorch.MLP([784]), "at least an input and an output"),
        (lambda: pytorch.MLP([784, 10])(torch.zeros(3, 1, 28, 27)), r"(N, 784); got (3, 756)"),
        (lambda: pytorch.CNN()(torch.zeros(3, 28, 28)), r"(N, 1, 28, 28); got (3, 28, 28)"),
        (lambda: pytorch.CNN()(torch.zeros(3, 3, 28, 28)), r"(N, 1, 28, 28); got (3, 3, 28, 28)"),
        (lambda: pytorch.CNN()(np.zeros((3, 1, 28, 28))), "a tensor of shape (N, 1, 28, 28); got ndarray"),
        (lambda: pytorch.CNN()(torch.zeros(3, 1, 28, 28, dtype=torch.uint8)), "x.float() / 255"),
        (lambda: pytorch.CNN(kernel_size=4), "odd"),
        (lambda: pytorch.CNN(channels=(2,) * 5), "5 poolings leave nothing of 28 pixels"),
        (lambda: pytorch.VGG()(torch.zeros(2, 3, 8, 8)), r"(N, 3, 32, 32); got (2, 3, 8, 8)"),
        (lambda: pytorch.VGG(channels=(4,)), "dropout should have 2 rates, one more than channels"),
        (lambda: pytorch.VGG(channels=(4,) * 3, size=7), "3 poolings leave nothing of 7 pixels"),
        (lambda: pytorch.ResNet()(torch.zeros(2, 3, 8, 8)), r"(N, 1, H, W); got (2, 3, 8, 8)"),
        (lambda: pytorch.ResNet(blocks=0), "blocks should be a whole number of at least 1; got 0"),
        (lambda: pytorch.ResidualBlock(0, 2), "in_channels should be a whole number"),
        (lambda: pytorch.SequenceClassifier("lstn", 2, 3, 4), "rnn, lstm, gru; got 'lstn'"),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4, last="first"), '"states" or "step"'),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4)(torch.zeros(5, 2)), r"(N, L, 2); got (5, 2)"),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4, embedding=9)(torch.zeros(5, 2)), "whole numbers"),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4)(torch.zeros(5, 6, 2), [6] * 4), "5 whole numbers"),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4)(torch.zeros(2, 6, 2), [6, 7]), "between 1 and 6"),
        (lambda: pytorch.SequenceClassifier("gru", 2, 3, 4)(torch.zeros(2, 6, 2), [0, 6]), "between 1 and 6"),
        (lambda: scratch.CNN(kernel_size=2, rng=np.random.default_rng(0)), "odd"),
        (lambda: scratch.CNN(size=3, rng=np.random.default_rng(0)), "leave nothing of 3 pixels"),
    ],
)
def test_wrong_input_gets_a_sentence(call, sentence):
    with pytest.raises((ValueError, TypeError), match=re.escape(sentence)):
        call()
