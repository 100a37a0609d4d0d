"""Train the generative models of chapter 23 on MNIST's training digits, and write data/generative.npz.

    python data/train_generative.py            everything that is missing (about 8 minutes on one quiet core)
    python data/train_generative.py gan        one part: vae, gan, generator, diffusion or samples
    python data/train_generative.py --check    measure the file that is here, train nothing

Parts that are done lie in data/cache/generative, and the file is written when all of them are there. Another processor
rounds in a different order, and two networks that play against each other amplify it: figures come out about equal, the
pictures and the bytes need not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nnlab.datasets import mnist
from nnlab.datasets.files import FOLDER
from nnlab.datasets.generative import DENOISER, GAN, GUIDANCE, VAES, digit_features, generative_weights
from nnlab.pytorch.generative import (
    VAE,
    Denoiser,
    Discriminator,
    Generator,
    adversarial_step,
    epsilon_loss,
    sample,
    vae_loss,
)
from nnlab.scratch.metrics import frechet_distance

Array = np.ndarray[Any, Any]
CACHE = FOLDER / "cache" / "generative"
Terms = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def digits(examples: int | None = None, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """Digits (N, 1, 28, 28) from 0 to 1, and their labels."""
    x, labels = mnist(split)
    return torch.tensor(x[:examples, None] / np.float32(255)), torch.tensor(labels[:examples]).long()


def half(net: torch.nn.Module, prefix: str) -> dict[str, Array]:
    """Parameters and buffers in float16, without the counts of batches."""
    return {prefix + name: t.numpy().astype(np.float16) for name, t in net.state_dict().items() if t.ndim}


def as_bytes(x: torch.Tensor) -> Array:
    """Pictures (N, 1, 28, 28) from 0 to 1 as (N, 28, 28) uint8."""
    return (x[:, 0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def real_features(examples: int = 10_000) -> Array:
    """What distances are measured against: the first training digits' features."""
    return digit_features(mnist("train")[0][:examples])[0]


# ---- parts -----------------------------------------------------------------------------------------------------------


def train_vae(epochs: int = 15, examples: int | None = None) -> dict[str, Array]:
    """Two VAEs that differ in their code. Curves: after each epoch the two terms of -ELBO on 2,000 digits."""
    x, held = digits(examples)[0].flatten(1), digits(2000, "validation")[0].flatten(1)
    made: dict[str, Array] = {}
    for name, options in VAES.items():
        torch.manual_seed(0)
        draw = torch.Generator().manual_seed(0)
        net = VAE(**options)
        opt = torch.optim.Adam(net.parameters(), lr=2e-3)
        batches = -(-len(x) // 128)
        schedule = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, total_steps=epochs * batches)
        curve = []
        for epoch in range(epochs):
            for rows in torch.randperm(len(x), generator=draw).split(128):
                opt.zero_grad()
                loss = vae_loss(*outputs_first(net, x[rows], draw))
                loss.backward()
                opt.step()
                schedule.step()
            curve.append(terms(net, held))
            print(
                f"{name}, epoch {epoch + 1}: -ELBO {sum(curve[-1]):.1f} = {curve[-1][0]:.1f} + {curve[-1][1]:.1f}",
                flush=True,
            )
        made |= {**half(net, f"{name}_"), f"{name}_curve": np.array(curve, np.float32)}
    return made


def outputs_first(net: VAE, x: torch.Tensor, draw: torch.Generator) -> Terms:
    """What `vae_loss` takes, in its order."""
    logits, mu, logvar = net(x, draw)
    return logits, x, mu, logvar


@torch.no_grad()
def terms(net: VAE, x: torch.Tensor) -> tuple[float, float]:
    """Reconstruction and KL in nats, with a noise of its own."""
    given = outputs_first(net, x, torch.Generator().manual_seed(1))
    pixels = float(vae_loss(*given, beta=0.0))
    return pixels, float(vae_loss(*given)) - pixels


def train_gan(
    examples: int | None = None, steps: tuple[int, ...] = GAN["steps"], samples: int = 500
) -> dict[str, Array]:
    """Three runs that differ in the discriminator. At each of `steps`: pictures of the same noise, how the classifier
    counts `samples` of them, their distance from real digits, and both losses, averaged since the last. All rates fall
    evenly to a twentieth."""
    real, against = digits(examples)[0] * 2 - 1, real_features()
    made: dict[str, list[Array]] = {"gan_frames": [], "gan_counts": [], "gan_distance": [], "gan_losses": []}
    for name, (rate, batch_std) in GAN["runs"].items():
        torch.manual_seed(0)
        draw = torch.Generator().manual_seed(0)
        generator, discriminator = Generator(**GAN["generator"]), Discriminator(GAN["channels"], batch_std=batch_std)
        opt_g = torch.optim.Adam(generator.parameters(), GAN["rate"], betas=(0.5, 0.999))
        opt_d = torch.optim.Adam(discriminator.parameters(), rate, betas=(0.5, 0.999))
        falls = [torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, steps[-1]) for opt in (opt_g, opt_d)]
        fixed = torch.randn(samples, generator.code, generator=draw)
        frames, counts, distance, losses = [], [], [], []
        lately: list[tuple[float, float]] = []
        for step in range(steps[-1] + 1):
            if step in steps:
                with torch.no_grad():
                    x = as_bytes((generator(fixed) + 1) / 2)
                features, p = digit_features(x)
                frames.append(x[:40] // 16 * 17)  # 16 shades, which take half the room
                counts.append(np.bincount(p.argmax(axis=1), minlength=10))
                distance.append(frechet_distance(features, against))
                losses.append(np.mean(lately, axis=0) if lately else np.log([4.0, 2.0]))
                lately = []
                print(f"{name}, step {step}: {counts[-1]}, distance {distance[-1]:.0f}", flush=True)
            rows = torch.randint(len(real), (64,), generator=draw)
            noise = torch.randn(64, generator.code, generator=draw)
            lately.append(adversarial_step(generator, discriminator, opt_g, opt_d, real[rows], noise))
            for fall in falls:
                fall.step()
        for key, values in zip(made, (frames, counts, distance, losses), strict=True):
            made[key].append(np.array(values))
    found = {name: np.array(values) for name, values in made.items()}
    found["gan_counts"] = found["gan_counts"].astype(np.int16)
    return found | {name: found[name].astype(np.float32) for name in ("gan_distance", "gan_losses")}


def train_generator(steps: int = 2500, examples: int | None = None) -> dict[str, Array]:
    """A longer run with smaller rates; the generator's weights are averaged over the last steps."""
    real, against = digits(examples)[0] * 2 - 1, real_features()
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    generator, discriminator = Generator(**GAN["generator"]), Discriminator(GAN["channels"])
    opt_g = torch.optim.Adam(generator.parameters(), 4e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), 1e-3, betas=(0.5, 0.999))
    falls = [torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, steps) for opt in (opt_g, opt_d)]
    kept = AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(0.995), use_buffers=True)
    fixed = torch.randn(500, generator.code, generator=draw)
    for step in range(steps):
        rows = torch.randint(len(real), (64,), generator=draw)
        noise = torch.randn(64, generator.code, generator=draw)
        adversarial_step(generator, discriminator, opt_g, opt_d, real[rows], noise)
        kept.update_parameters(generator)
        for fall in falls:
            fall.step()
        if step % 500 == 499 or step == steps - 1:
            with torch.no_grad():
                features = digit_features(as_bytes((kept.eval()(fixed) + 1) / 2))[0]
            print(f"generator, step {step + 1}: distance {frechet_distance(features, against):.0f}", flush=True)
            kept.train()
    return half(kept.module, "gan_net_")


def train_diffusion(steps: int = 3000, examples: int | None = None) -> dict[str, Array]:
    """The denoiser, its weights averaged over the last steps; its loss on the way, averaged over each 50 steps."""
    x, labels = digits(examples)
    x = x * 2 - 1
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    net = Denoiser(**DENOISER)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=steps, pct_start=0.1)
    kept = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.995))
    losses = []
    for step in range(steps):
        rows = torch.randint(len(x), (32,), generator=draw)
        loss = epsilon_loss(net, x[rows], labels[rows], weighted=True, generator=draw)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        schedule.step()
        kept.update_parameters(net)
        losses.append(float(loss.detach()))
        if step % 250 == 249:
            print(f"diffusion, step {step + 1}: loss {np.mean(losses[-250:]):.4f}", flush=True)
    losses = losses[: len(losses) // 50 * 50] or losses
    return {
        **half(kept.module, "denoiser_"),
        "diffusion_losses": np.array(losses, np.float32).reshape(-1, min(50, len(losses))).mean(axis=1),
    }


def draw_samples(net: Denoiser, each: int = 100, many: int = 500, count: int = 20) -> dict[str, Array]:
    """Digits at each strength of guidance, from the same noise: 40 of them, the share that the classifier reads as
    asked, and the distance; and `many` digits at the strength that the chapter uses."""
    against = real_features()
    made: dict[str, list[Any]] = {"guided": [], "guided_right": [], "guided_distance": [], "guided_variety": []}
    label = torch.arange(each) % 10
    for guidance in GUIDANCE:
        x = as_bytes((sample(net, label, count=count, guidance=guidance, generator=seeded(1)) + 1) / 2)
        features, p = digit_features(x)
        made["guided"].append(x[:40])
        made["guided_right"].append(np.mean(p.argmax(axis=1) == label.numpy()))
        made["guided_distance"].append(frechet_distance(features, against))
        made["guided_variety"].append(np.mean([features[label == k].var(axis=0).sum() for k in range(10)]))
        print(
            f"guidance {guidance}: right {made['guided_right'][-1]:.2f}, distance {made['guided_distance'][-1]:.0f}, "
            f"variety {made['guided_variety'][-1]:.1f}",
            flush=True,
        )
    label = torch.arange(many) % 10
    drawn = torch.cat(
        [sample(net, part, count=count, generator=seeded(2 + k)) for k, part in enumerate(label.split(100))]
    )
    found = {name: np.array(values) for name, values in made.items()}
    found |= {name: found[name].astype(np.float32) for name in made if name != "guided"}
    return found | {"drawn": as_bytes((drawn + 1) / 2)}


def seeded(seed: int) -> torch.Generator:
    """A generator with a seed."""
    return torch.Generator().manual_seed(seed)


def loaded(weights: dict[str, Array]) -> Denoiser:
    """The denoiser with stored weights."""
    net = Denoiser(**DENOISER)
    net.load_state_dict({name: torch.tensor(value.astype(np.float32)) for name, value in weights.items()})
    return net.eval()


def stored_samples() -> dict[str, Array]:
    """Samples of the denoiser as it is stored, in half precision."""
    with np.load(CACHE / "diffusion.npz", allow_pickle=False) as found:
        mine = {name.removeprefix("denoiser_"): found[name] for name in found.files if name.startswith("denoiser_")}
    return draw_samples(loaded(mine))


PARTS: dict[str, Callable[[], dict[str, Array]]] = {
    "vae": train_vae,
    "gan": train_gan,
    "generator": train_generator,
    "diffusion": train_diffusion,
    "samples": stored_samples,
}


def check() -> None:
    """Print what the stored denoiser's samples are read as."""
    net, label = loaded(generative_weights("denoiser")), torch.arange(50) % 10
    x = as_bytes((sample(net, label, generator=seeded(9)) + 1) / 2)
    right = np.mean(digit_features(x)[1].argmax(axis=1) == label.numpy())
    print(f"data/generative.npz: {right:.0%} of 50 digits are read as asked")


def main() -> None:
    """Make the parts that are missing and write the file, or measure the one that is here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS, help="make this part again, even if it is there")
    parser.add_argument("--check", action="store_true", help="measure the file that is here, train nothing")
    options = parser.parse_args()
    if options.check:
        check()
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, make in PARTS.items():
        path = CACHE / f"{name}.npz"
        if name == options.part or (options.part is None and not path.exists()):
            path.write_bytes(npz(**make()))
    if all((CACHE / f"{name}.npz").exists() for name in PARTS):
        arrays: dict[str, Array] = {}
        for name in PARTS:
            with np.load(CACHE / f"{name}.npz", allow_pickle=False) as found:
                arrays |= {key: found[key] for key in found.files}
        write("generative.npz", npz(**arrays))


if __name__ == "__main__":
    main()
