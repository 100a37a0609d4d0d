"""Transformers in PyTorch: the cache, the mask, the masked model, the vision transformer, any device, bad input."""

import numpy as np
import pytest
import torch

from nnlab import scratch
from nnlab.pytorch import GPT, Cache, MaskedLM, TransformerBlock, ViT, language
from nnlab.pytorch.models import transformer

KINDS = ("learned", "sinusoidal", "rotary", "none")
MODELS = {
    **{kind: (lambda kind=kind: GPT(9, 8, 8, 2, 2, 0.1, positions=kind), (3, 8)) for kind in KINDS},
    "masked": (lambda: MaskedLM(9, 8, 8, 2, 2, 0.1), (3, 8)),
    "vit": (lambda: ViT(2, 4, 8, 4, 8, 2, 2, 0.1), (3, 2, 8, 8)),
}


def gpt(**options):
    torch.manual_seed(0)
    model = GPT(9, 8, 8, 2, 2, **options).double().eval()
    for p in model.parameters():  # at the start all logits are nearly equal
        p.data += 0.3 * torch.randn_like(p)
    return model


def batch(shape, device="cpu"):
    return torch.randint(9, shape, device=device) if len(shape) == 2 else torch.randn(shape, device=device)


@pytest.mark.parametrize("name", MODELS)
def test_no_tensor_is_made_on_the_wrong_device(name):
    make, shape = MODELS[name]
    kind = torch.long if len(shape) == 2 else torch.float
    with torch.device("meta"):
        loss = make()(torch.zeros(shape, dtype=kind)).sum()
    loss.backward()
    assert loss.is_meta
    moved = make().to("meta")
    logits = moved(torch.zeros(shape, dtype=kind, device="meta"))
    logits.sum().backward()
    assert all(p.grad is not None and p.grad.is_meta for p in moved.parameters())


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_trains_a_step(name, bfloat16):
    torch.manual_seed(0)
    make, shape = MODELS[name]
    model = make()
    opt = torch.optim.AdamW(model.parameters(), lr=0.01)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        logits = model(batch(shape)).float()
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, -2), torch.zeros(logits.shape[:-1].numel()).long())
    loss.backward()
    opt.step()
    assert torch.isfinite(loss)
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
    with torch.no_grad():
        assert make().bfloat16()(batch(shape).to(torch.bfloat16) if len(shape) == 4 else batch(shape)).isfinite().all()


@pytest.mark.parametrize("causal", [False, True])
def test_the_block_equals_pytorchs_encoder_layer(causal):
    torch.manual_seed(0)
    ours = TransformerBlock(8, 2, 12, causal=causal).double()
    theirs = torch.nn.TransformerEncoderLayer(8, 2, 12, 0.0, "gelu", batch_first=True, norm_first=True).double()
    for p in ours.parameters():
        p.data += 0.3 * torch.randn_like(p)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(3, 5, 8, dtype=torch.float64)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64) if causal else None
    torch.testing.assert_close(ours(x), theirs(x, src_mask=mask, is_causal=causal))


@pytest.mark.parametrize("positions", KINDS)
def test_logits_see_the_past_only(positions):
    model, x = gpt(positions=positions), batch((2, 8))
    changed = x.clone()
    changed[:, 5] = (x[:, 5] + 1) % 9
    a, b = model(x), model(changed)
    assert torch.equal(a[:, :5], b[:, :5]) and (a[:, 5:] != b[:, 5:]).any(dim=2).all()


def test_a_masked_model_sees_both_sides():
    torch.manual_seed(0)
    model, x = MaskedLM(9, 8, 8, 2, 2).double().eval(), batch((2, 8))
    changed = x.clone()
    changed[:, 5] = model.mask_token
    assert (model(x) != model(changed)).any(dim=2).all()
    assert model(x).shape == (2, 8, 9)


@pytest.mark.parametrize("positions", KINDS)
@pytest.mark.parametrize("chunks", [(1,) * 8, (3, 1, 4), (8,), (2, 6)])
def test_the_cache_changes_nothing(positions, chunks):
    """Read in any pieces, the logits are those of the whole."""
    model, x = gpt(positions=positions), batch((2, 8))
    cache, pieces = Cache(), []
    for piece in x.split(chunks, dim=1):
        pieces.append(model(piece, cache))
    torch.testing.assert_close(torch.cat(pieces, dim=1), model(x))
    assert cache.length == 8 and [k.shape for k, _ in cache.pairs] == [(2, 2, 8, 4)] * 2


@pytest.mark.parametrize("positions", KINDS)
def test_the_same_text_is_written_with_and_without_a_cache(positions):
    model = gpt(positions=positions)
    start = torch.zeros(5, 2, dtype=torch.long)
    texts = [
        language.generate(
            model, start, 6, generator=torch.Generator().manual_seed(1), temperature=1.3, top_k=6, top_p=0.9, cache=on
        )
        for on in (True, False)
    ]
    assert torch.equal(*texts) and texts[0].shape == (5, 8) and len(texts[0].unique()) > 2


@pytest.mark.parametrize("rotate", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_sdpa_is_the_plain_formula(rotate, causal):
    torch.manual_seed(0)
    layer = transformer.SelfAttention(8, 2, causal, rotate).double()
    x = torch.randn(3, 5, 8, dtype=torch.float64)
    (weights,) = transformer.attention_maps(torch.nn.Sequential(layer), x)
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    assert np.all(np.triu(weights, 1) == 0) == causal
    v = torch.nn.functional.linear(x, layer.in_proj_weight)[..., 16:].view(3, 5, 2, 4).transpose(1, 2)
    plain = layer.out_proj((torch.tensor(weights) @ v).transpose(1, 2).reshape(3, 5, 8))
    torch.testing.assert_close(layer(x), plain)


def test_hiding_keeps_its_shares():
    x = torch.randint(9, (400, 50), generator=torch.Generator().manual_seed(0))
    allowed = x > 0
    inputs, targets = transformer.hide(x, allowed, 9, 0.15, generator=torch.Generator().manual_seed(1))
    chosen = targets != -100
    assert torch.equal(targets[chosen], x[chosen]) and not (chosen & ~allowed).any()
    assert torch.equal(inputs[~chosen], x[~chosen])
    assert chosen.sum() / allowed.sum() == pytest.approx(0.15, abs=0.01)
    assert (inputs[chosen] == 9).float().mean() == pytest.approx(0.8, abs=0.03)
    assert (inputs[chosen] == x[chosen]).float().mean() == pytest.approx(0.1 + 0.1 / 9, abs=0.03)


def test_the_patches_of_a_vision_transformer_are_one_linear_map():
    torch.manual_seed(0)
    net = ViT(1, 10, 28, 7).double()
    x = torch.randn(2, 1, 28, 28, dtype=torch.float64)
    cut = x.unfold(2, 7, 7).unfold(3, 7, 7).reshape(2, 16, 49)
    torch.testing.assert_close(
        net.patches(x).flatten(2).transpose(1, 2), cut @ net.patches.weight.flatten(1).T + net.patches.bias
    )


def test_training_learns_a_rule_and_is_reproducible():
    x = torch.randint(9, (200, 8), generator=torch.Generator().manual_seed(0))
    y = (x + 1) % 9
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        model = GPT(9, 8, 8, 2, 1)
        losses.append(list(language.train_steps(model, x, y, steps=80, batch_size=32, lr=0.02)))
    assert losses[0] == losses[1] and len(losses[0]) == 80
    assert language.nats(model, x, y) < 0.5 < losses[0][0]


def test_nats_counts_asked_tokens_only():
    model, x = gpt(), batch((7, 8))
    y = torch.roll(x, -1, 1)
    y[:, 5:] = -100
    wanted = torch.nn.functional.cross_entropy(model(x)[:, :5].flatten(0, 1), y[:, :5].flatten())
    assert language.nats(model, x, y, batch_size=3) == pytest.approx(wanted.item())


def hidden(rate=0.5, allowed=None):
    x = batch((2, 6))
    allowed = torch.ones_like(x, dtype=torch.bool) if allowed is None else allowed
    return transformer.hide(x, allowed, 9, rate, generator=torch.Generator().manual_seed(0))


def test_a_cache_serves_one_model_and_one_batch():
    model, x = gpt().eval(), batch((2, 4))
    for other in (lambda c: model(x[:1], c), lambda c: GPT(9, 8, 8, 2, 3)(x, c), lambda c: GPT(9, 8, 16, 2, 2)(x, c)):
        cache = Cache()
        model(x, cache)
        with pytest.raises(ValueError, match="another batch's: begin with Cache"):
            other(cache)
    masked, maps_of = MaskedLM(9, 8, 8, 2, 2), Cache()
    with pytest.raises(ValueError, match="MaskedLM sees both sides"):
        masked(x, Cache())
    model(x, maps_of)
    with pytest.raises(ValueError, match="leave out the cache"):
        transformer.attention_maps(model, x, maps_of)


@pytest.mark.parametrize("first", [0, 2])
def test_a_call_that_broke_off_leaves_the_cache_usable(first):
    model, x, cache = gpt().eval(), batch((2, 5)), Cache()
    if first:
        model(x[:, :first], cache)
    hook = model.blocks[-1].register_forward_pre_hook(lambda *_: 1 / 0)  # the first block has kept its keys by then
    with pytest.raises(ZeroDivisionError):
        model(x[:, first:4], cache)
    hook.remove()
    torch.testing.assert_close(model(x[:, first:], cache), model(x)[:, first:])


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32])
def test_whole_numbers_of_any_width_are_tokens(dtype):
    model, x = gpt().eval(), batch((2, 5))
    assert torch.equal(model(x.to(dtype)), model(x))


def test_a_gpt_can_be_exported():
    model, x = GPT(7, 5, 6, 2).eval(), torch.randint(7, (2, 4))
    exported = torch.export.export(model, (x,)).module()
    other = torch.randint(7, (2, 4))
    torch.testing.assert_close(exported(other), model(other))


def test_an_empty_batch_stays_empty():
    assert gpt()(torch.zeros(0, 4, dtype=torch.long)).shape == (0, 4, 9)
    assert ViT()(torch.zeros(0, 1, 28, 28)).shape == (0, 10)


def test_waves_are_the_originals_at_far_places():
    far = transformer.waves(5000, 64).numpy()
    np.testing.assert_allclose(far, scratch.sinusoidal_positions(5000, 64), atol=1e-6)


def test_maps_are_read_in_half_precision_too():
    for m in transformer.attention_maps(gpt().bfloat16(), batch((2, 5))):
        np.testing.assert_allclose(m.sum(axis=-1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gpt()(torch.zeros(2, 9, dtype=torch.long)), ValueError, "1 to 8 positions; got 9"),
        (lambda: gpt()(torch.zeros(2, 0, dtype=torch.long)), ValueError, "got 0"),
        (lambda: gpt()(torch.zeros(2, 3)), TypeError, "whole numbers"),
        (lambda: gpt()(torch.zeros(3, dtype=torch.long)), ValueError, r"\(N, T\)"),
        (lambda: GPT(9, 8, 9, 2), ValueError, "multiple of num_heads"),
        (lambda: GPT(9, 8, 6, 2, positions="rotary"), ValueError, "even"),
        (lambda: GPT(9, 8, 6, 2, positions="rotation"), ValueError, "one of learned"),
        (lambda: GPT(0, 8), ValueError, "vocabulary"),
        (lambda: GPT(9, 8, outputs=0), ValueError, "outputs should be"),
        (lambda: gpt()(torch.tensor([[1, -1]])), ValueError, "from 0 to 8; got -1 to 1"),
        (lambda: gpt()(torch.tensor([[1, 9]])), ValueError, "from 0 to 8; got 1 to 9"),
        (lambda: transformer.rotary(torch.ones(4)), ValueError, "x should have shape"),
        (lambda: transformer.rotary(torch.ones(3, 4, dtype=torch.long)), TypeError, "floating"),
        (lambda: transformer.rotary(torch.ones(3, 4), base=0), ValueError, "base should be above 0"),
        (lambda: hidden(rate=2.0), ValueError, "rate should be from 0 to 1"),
        (lambda: hidden(allowed=torch.ones(6, dtype=torch.bool)), ValueError, "one shape"),
        (lambda: hidden(allowed=torch.ones(2, 6)), TypeError, "booleans"),
        (lambda: ViT(patch=5), ValueError, "divide"),
        (lambda: ViT()(torch.zeros(1, 1, 28, 28, dtype=torch.uint8)), TypeError, "floating"),
        (lambda: ViT()(torch.zeros(1, 3, 28, 28)), ValueError, "takes x of shape"),
        (lambda: TransformerBlock(8, 2)(torch.zeros(1, 3, 6)), ValueError, "takes x of shape"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()
