"""Train the transformers of chapter 22, and write data/gpt.npz and data/vit.npz.

    python data/train_gpt.py             everything (about 10 minutes on one quiet core)
    python data/train_gpt.py names       one part: names, positions, gaps or digits; the others stay
    python data/train_gpt.py --check     measure what is there again, train nothing

names: three GPTs of one recipe that write surnames letter by letter, 7 to 104 thousand parameters. positions: a small
one with four kinds of positions, two seeds. gaps: a bidirectional model of the largest one's size that fills in hidden
letters. digits: a vision transformer and a CNN on 1,000 to 50,000 digits of MNIST. Settings were chosen on the
validation parts; the test parts are read once. Another processor rounds in a different order: nats and accuracies
come out about equal, the bytes need not.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch
from build import npz, write

from nnlab.datasets import encode_names, letter_names, mnist
from nnlab.datasets.files import FOLDER
from nnlab.datasets.transformers import GPT_SIZES, NAMES_GPT, NAMES_MASKED, VIT, VIT_DIGITS
from nnlab.pytorch import CNN, GPT, MaskedLM, ViT, evaluate, tensors, train
from nnlab.pytorch.language import nats, train_steps
from nnlab.pytorch.models.transformer import POSITIONS, hide

Array = np.ndarray[Any, Any]
STEPS, EVERY = 2400, 400  # of the GPTs
GAP_STEPS = 1400


def halved(model: torch.nn.Module, prefix: str) -> dict[str, Array]:
    """Round the model's weights to float16, in place, and return them under names with a prefix."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())
    return {f"{prefix}_{name}": w.half().numpy() for name, w in model.state_dict().items()}


def letters() -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Inputs and targets of each part."""
    parts = letter_names()
    return {part: tuple(map(torch.tensor, encode_names(getattr(parts, part)))) for part in parts._fields}  # type: ignore[misc]


def names(steps: int = STEPS) -> dict[str, Array]:
    """Three sizes: weights, curve (3, K), nats on validation after every 400 steps, and test (3,)."""
    parts, curves, test = letters(), [], []
    weights: dict[str, Array] = {}
    for size in GPT_SIZES:
        torch.manual_seed(0)
        model, curve, began = GPT(**NAMES_GPT | {"embed_dim": size}), [], time.process_time()
        for i, _ in enumerate(train_steps(model, *parts["train"], steps=steps, lr=3e-3), start=1):
            if i % EVERY == 0 or i == steps:
                curve.append(nats(model, *parts["validation"]))
                print(f"  {size} wide, step {i}: {curve[-1]:.4f}, {time.process_time() - began:.0f} s", flush=True)
        weights |= halved(model, f"gpt{size}")
        curves.append(curve)
        test.append(nats(model, *parts["test"]))
        print(f"{size} wide: {curve[-1]:.4f} on validation, {test[-1]:.4f} on test", flush=True)
    return weights | {"curve": np.array(curves, np.float32), "test": np.array(test, np.float32)}


def positions(seeds: int = 2) -> dict[str, Array]:
    """The small GPT of the notebook with each kind of positions: nats on validation, (4, seeds)."""
    parts, found = letters(), np.zeros((len(POSITIONS), seeds), np.float32)
    for i, kind in enumerate(POSITIONS):
        for seed in range(seeds):
            torch.manual_seed(seed)
            model = GPT(27, 14, 32, 2, 1, positions=kind)
            for _ in train_steps(model, *parts["train"], steps=900, batch_size=96, lr=0.01, seed=seed):
                pass
            found[i, seed] = nats(model, *parts["validation"])
            print(f"  {kind}, seed {seed}: {found[i, seed]:.4f}", flush=True)
    return {"positions": found}


def gaps(steps: int = GAP_STEPS) -> dict[str, Array]:
    """A masked model: weights."""
    parts = letters()
    torch.manual_seed(0)
    model = MaskedLM(**NAMES_MASKED)

    def make(x: torch.Tensor, y: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return hide(x, x > 0, model.mask_token, 0.15, generator=generator)

    for i, loss in enumerate(train_steps(model, *parts["train"], steps=steps, lr=3e-3, make=make), start=1):
        if i % EVERY == 0:
            print(f"  gaps, step {i}: {loss:.3f}", flush=True)
    return halved(model, "masked")


def digits(share: float = 1.0) -> dict[str, Array]:
    """A vision transformer and a CNN by the number of digits: accuracy (2, 3) on test; weights of the largest ViT."""
    x, y = mnist("train")
    held, test = (tensors(a[:, None] / 255, b) for a, b in (mnist("validation"), mnist("test")))
    accuracy = np.zeros((2, len(VIT_DIGITS)))
    weights: dict[str, Array] = {}
    for j, (count, epochs) in enumerate(VIT_DIGITS):
        data = tensors(x[: int(count * share), None] / 255, y[: int(count * share)])
        for i, make in enumerate((lambda: ViT(**VIT), lambda: CNN())):
            torch.manual_seed(0)
            net, began = make(), time.process_time()
            rate, batch = (2e-3, 0.01)[i], 128 if count > 10_000 else 64
            opt = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.05)
            total = epochs * -(-len(data) // batch)
            schedule = torch.optim.lr_scheduler.OneCycleLR(opt, rate, total_steps=total)
            train(net, data, held, opt, epochs=epochs, batch_size=batch, schedule=schedule, progress=False)
            weights = halved(net, "vit") if i == 0 else weights
            accuracy[i, j] = evaluate(net, test)[1]
            print(
                f"{type(net).__name__}, {count} digits: {accuracy[i, j]:.4f}, {time.process_time() - began:.0f} s",
                flush=True,
            )
    return weights | {"accuracy": accuracy}


def check() -> None:
    """Measure the networks that are there."""
    from nnlab.datasets import names_weights, vit_weights

    parts = letters()
    for size in GPT_SIZES:
        model = GPT(**NAMES_GPT | {"embed_dim": size})
        model.load_state_dict({k: torch.tensor(v) for k, v in names_weights(size).items()})
        held, test = (nats(model, *parts[part]) for part in ("validation", "test"))
        print(f"GPT {size} wide: {held:.4f} nats on validation, {test:.4f} on test")
    net = ViT(**VIT)
    net.load_state_dict({k: torch.tensor(v) for k, v in vit_weights().items()})
    x, y = mnist("test")
    print(f"ViT: {evaluate(net, tensors(x[:, None] / 255, y))[1]:.4f} of the test digits")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", choices=["names", "positions", "gaps", "digits", []], help="which ones (all)"
    )
    parser.add_argument("--check", action="store_true", help="measure again, train nothing")
    asked = parser.parse_args()
    if asked.check:
        return check()
    chosen = asked.parts or ["names", "positions", "gaps", "digits"]
    file = FOLDER / "gpt.npz"
    for part, make in (("names", names), ("positions", positions), ("gaps", gaps)):
        if part in chosen:
            found = make()
            kept = dict(np.load(file, allow_pickle=False)) if file.exists() else {}
            write("gpt.npz", npz(**dict(sorted((kept | found).items()))))
    if "digits" in chosen:
        write("vit.npz", npz(**digits()))


if __name__ == "__main__":
    main()
