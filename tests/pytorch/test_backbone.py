"""The packaged backbone: the package's network in pieces, on any device, in bfloat16."""

import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from sklearn.datasets import load_sample_image

from nnlab.pytorch.backbone import FEATURES, NAME, efficientnet_lite0, imagenet_weights
from nnlab.pytorch.low_rank import add_low_rank
from nnlab.pytorch.tuning import FrozenStatistics, Preparation


@pytest.fixture(scope="module")
def net() -> torch.nn.Sequential:
    return efficientnet_lite0()


def test_the_layers_are_the_packages_network(net):
    whole = EfficientNet.from_name(NAME)
    whole.load_state_dict(imagenet_weights())
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        theirs = whole.eval().extract_features(x).mean(dim=(2, 3))
        torch.testing.assert_close(net(x), theirs, atol=1e-5, rtol=1e-5)
    assert [name for name, _ in net.named_children()] == ["stem", *(f"block{k}" for k in range(1, 17)), "features"]
    assert not net.training and theirs.shape[1] == FEATURES


@pytest.mark.parametrize(("photograph", "number"), [("china.jpg", 698), ("flower.jpg", 985)])  # a palace, a daisy
def test_it_knows_photographs(net, photograph, number):
    """The classifier that is cut off names what is in them: the weights are ImageNet's, and so is the preparation."""
    weights = imagenet_weights()
    with torch.inference_mode():
        features = net(Preparation(224)(load_sample_image(photograph)[None, :, 100:527]))
    assert (features @ weights["_fc.weight"].T + weights["_fc.bias"]).argmax().item() == number


def test_random_weights_can_be_had():
    torch.manual_seed(0)
    one = efficientnet_lite0(weights=False)
    assert not torch.equal(one.stem[0].weight, imagenet_weights()["_conv_stem.weight"])


@pytest.mark.parametrize("adapters", [False, True])
def test_no_tensor_is_made_on_the_wrong_device(net, adapters):
    with torch.device("meta"):
        model = FrozenStatistics(efficientnet_lite0(weights=False), torch.nn.Linear(FEATURES, 9))
        if adapters:
            add_low_rank(model[0][-2:], 4)
        logits = model.train()(torch.zeros(2, 3, 64, 64))
        loss = torch.nn.functional.cross_entropy(logits, torch.zeros(2, dtype=torch.long))
    loss.backward()
    assert all(p.is_meta and p.grad.is_meta for p in model.parameters() if p.requires_grad)
    with pytest.raises((RuntimeError, NotImplementedError)):
        model(torch.zeros(2, 3, 64, 64))


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("adapters", [False, True])
def test_a_step_lowers_the_loss(bfloat16, adapters):
    torch.manual_seed(0)
    layers = efficientnet_lite0()[-3:]
    if adapters:
        add_low_rank(layers, 4)
    model = FrozenStatistics(layers, torch.nn.Linear(FEATURES, 9)).train()
    x, target = torch.rand(8, 192, 2, 2), torch.arange(8)
    opt = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.02)
    losses = []
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            losses.append(torch.nn.functional.cross_entropy(model(x), target))
        losses[-1].backward()
        opt.step()
        opt.zero_grad()
    assert losses[1] < losses[0] and torch.isfinite(losses[1])
    assert all(p.dtype == torch.float32 for p in model.parameters())
