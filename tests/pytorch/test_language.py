"""Training, measuring and writing with models of the next token: what is refused, and what is left as it was."""

import pytest
import torch

from nnlab.pytorch import GPT, MaskedLM, language

X = torch.randint(0, 9, (10, 6), generator=torch.Generator().manual_seed(0))
NONE_ASKED = torch.full_like(X, -100)


def gpt(**options):
    torch.manual_seed(0)
    return GPT(9, 6, 8, 2, 1, **options)


def steps(x=X, y=X, **options):
    return list(language.train_steps(gpt(), x, y, **dict(steps=2) | options))


def write(model=None, start=X[:2, :1], tokens=3, generator=None, **options):
    generator = torch.Generator().manual_seed(0) if generator is None else generator
    return language.generate(gpt() if model is None else model, start, tokens, generator=generator, **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: steps(batch_size=0), ValueError, "batch_size should be"),
        (lambda: steps(warmup=2), ValueError, "warmup should be from 0 to 1"),
        (lambda: steps(max_norm=-1), ValueError, "max_norm should be"),
        (lambda: steps(y=X[:5]), ValueError, "same number of rows, at least one; got 10 and 5"),
        (lambda: steps(X[:0], X[:0]), ValueError, "at least one; got 0 and 0"),
        (lambda: steps(y=NONE_ASKED), ValueError, "A batch asks for no token"),
        (lambda: language.nats(gpt(), X, NONE_ASKED), ValueError, "no token is asked"),
        (lambda: language.nats(gpt(), X[:0], X[:0]), ValueError, "at least one"),
        (lambda: language.nats(gpt(), X, X, 0), ValueError, "batch_size should be"),
        (lambda: language.next_token_loss(torch.zeros(2, 3, 9), torch.zeros(3, 2).long()), ValueError, r"\(2, 3\), a"),
        (lambda: write(tokens=7), ValueError, "at most 6 more; 7 were asked for"),
        (lambda: write(tokens=0), ValueError, "tokens should be"),
        (lambda: write(MaskedLM(9, 6, 8, 2, 1)), ValueError, "MaskedLM fills gaps"),
        (lambda: write(generator=0), TypeError, "generator should be a torch.Generator"),
        (lambda: write(temperature="1"), TypeError, "temperature should be a number"),
        (lambda: write(temperature=float("nan")), ValueError, "temperature should be"),
        (lambda: write(top_p=float("nan")), ValueError, "top_p should be"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("use", [lambda m: language.nats(m, X, X), write], ids=["nats", "generate"])
def test_the_mode_is_as_before(use):
    model = gpt(dropout=0.5)
    model.blocks[0].eval()  # frozen in a mode of its own
    before = [module.training for module in model.modules()]
    use(model)
    assert [module.training for module in model.modules()] == before and model.training


def test_as_many_tokens_as_the_model_reads_and_a_top_k_above_the_vocabulary():
    assert write(tokens=6).shape == (2, 7)
    assert torch.equal(write(top_k=100), write())
    assert torch.equal(write(start=X[:2, :1].int()), write())
