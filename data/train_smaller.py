"""Make networks for digits smaller in many ways, and write data/smaller.npz: what chapter 26 shows.

    python data/train_smaller.py             everything that is missing (about 5 minutes on one quiet core)
    python data/train_smaller.py bits        one part: base, convolutional, bits, distillation, pruning, table or time
    python data/train_smaller.py --check     train one network again, and compare with the file that is here

Parts that are done lie in data/cache/smaller, and the file is written when all of them are there. Nothing is chosen on
the test digits: every setting was fixed beforehand. `time` measures milliseconds with one thread, the least of many
repeats (two threads that wait for each other measure what else runs); they belong to the machine that the file names.
Another processor rounds in a different order: accuracies come out about equal, the bytes need not.
"""

from __future__ import annotations

import argparse
import copy
import io
import platform
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import prune

from nnlab.datasets import mnist
from nnlab.datasets.files import FOLDER
from nnlab.datasets.smaller import SMALLER, smaller_weights
from nnlab.pytorch import CNN, MLP
from nnlab.pytorch.compression.distillation import distillation_loss
from nnlab.pytorch.compression.rounding import add_fake_quantize, keep_rounded
from nnlab.pytorch.compression.structured import narrow
from nnlab.pytorch.low_rank import factorised

Array = np.ndarray[Any, Any]
Net = nn.Sequential
CACHE = FOLDER / "cache" / "smaller"
EPOCHS, BATCH, LR, TUNED_LR = 4, 256, 3e-3, 1e-3
TUNED_ROWS, CNN_ROWS, SMALL_BATCH = (
    20_000,
    10_000,
    64,
)  # digits of one more epoch, and its batch size; the CNN's likewise
BASES = {"mlp": "base", "cnn": "convolutional"}


@cache
def digits(split: str, flat: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (N, 784) or (N, 1, 28, 28) float32 from 0 to 1, and the labels (N,)."""
    images, labels = mnist(split)
    x = torch.from_numpy((images / 255).astype(np.float32))
    return (x.flatten(1) if flat else x[:, None]), torch.from_numpy(labels)


def accuracy(net: nn.Module, part: tuple[torch.Tensor, torch.Tensor]) -> float:
    """Share classified correctly."""
    net.eval()
    with torch.no_grad():
        return float((net(part[0]).argmax(dim=1) == part[1]).float().mean())


def fit(
    net: Net,
    x: torch.Tensor,
    target: torch.Tensor,
    *,
    epochs: int = 1,
    lr: float = TUNED_LR,
    batch: int = SMALL_BATCH,
    loss: Any = cross_entropy,
    seed: int = 0,
) -> Net:
    """Adam, its rate falling to 0 as a cosine. The last weights are kept: nothing is chosen, so nothing has to be
    measured on the way."""
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=lr)
    steps = epochs * -(-len(x) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    order = torch.Generator().manual_seed(seed)
    net.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(batch):
            opt.zero_grad()
            loss(net(x[rows]), target[rows]).backward()
            opt.step()
            schedule.step()
    return net


def mlp(seed: int, sizes: tuple[int, ...] = SMALLER["sizes"]) -> Net:
    """A new one."""
    torch.manual_seed(seed)
    return MLP(sizes)


def weights(net: nn.Module) -> dict[str, Array]:
    """Its parameters and buffers."""
    return {name: value.numpy() for name, value in net.state_dict().items() if value.dim()}


def trained(seed: int, kind: str = "mlp") -> Net:
    """A network of part "base"."""
    net = mlp(seed) if kind == "mlp" else CNN(**SMALLER["cnn"])
    with np.load(CACHE / f"{BASES[kind]}.npz", allow_pickle=False) as found:
        state = {n: torch.from_numpy(found[f"{kind}_{seed}_{n}"]) for n in net.state_dict() if "num_batches" not in n}
    net.load_state_dict(state, strict=False)
    return net.eval()


# ---- base: what all others begin with --------------------------------------------------------------------------------


def base(seeds: int, rows: int | None) -> dict[str, Array]:
    """The fully connected networks as they are: weights of every seed, and accuracies on the test digits."""
    x, y = (part[:rows] for part in digits("train"))
    return beginnings("mlp", lambda seed: fit(mlp(seed), x, y, epochs=EPOCHS, lr=LR, batch=BATCH, seed=seed), seeds)


def convolutional(seeds: int, rows: int | None) -> dict[str, Array]:
    """The convolutional ones."""
    x, y = (part[: rows or TUNED_ROWS] for part in digits("train", False))

    def made(seed: int) -> Net:
        torch.manual_seed(seed)
        return fit(CNN(**SMALLER["cnn"]), x, y, epochs=2, lr=LR, seed=seed)

    return beginnings("cnn", made, seeds)


def beginnings(kind: str, made: Callable[[int], Net], seeds: int) -> dict[str, Array]:
    """Weights of every seed, and the accuracies."""
    found: dict[str, Array] = {}
    right = []
    for seed in range(seeds):
        net = made(seed)
        found |= {f"{kind}_{seed}_{name}": value for name, value in weights(net).items()}
        right.append(accuracy(net, digits("test", kind == "mlp")))
        print(f"{kind}, seed {seed}: {right[-1]:.4f}", flush=True)
    return found | {f"base_{kind}": np.array(right)}


# ---- pruning ---------------------------------------------------------------------------------------------------------


def masked(net: Net, amount: float, way: str) -> Net:
    """PyTorch's masks, which hold while it is trained. way: one of SMALLER["ways"]."""
    places = [(m, "weight") for m in net.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    if way == "all layers together":
        prune.global_unstructured(places, pruning_method=prune.L1Unstructured, amount=amount)
        return net
    for place in places:
        (prune.l1_unstructured if way == "each layer" else prune.random_unstructured)(*place, amount=amount)
    return net


def finished(net: Net) -> Net:
    """The masked weights become the network's own."""
    for module in net.modules():
        if prune.is_pruned(module) and not isinstance(module, nn.Sequential):
            prune.remove(module, "weight")
    return net


def pruning(seeds: int, rows: int | None) -> dict[str, Array]:
    """Before and after one epoch with masks, by way and amount; narrow networks before and after, and from scratch."""
    x, y = (part[: rows or TUNED_ROWS] for part in digits("train"))
    whole = tuple(part[:rows] for part in digits("train"))
    amounts, ways, keeps = SMALLER["amounts"], SMALLER["ways"], SMALLER["keeps"]
    found = np.full((len(ways), len(amounts), seeds, 2), np.nan)
    thin = np.zeros((len(keeps), seeds, 3))
    for seed in range(seeds):
        for i, way in enumerate(ways):
            for j, amount in enumerate(amounts):
                torch.manual_seed(seed)
                net = masked(trained(seed), amount, way)
                found[i, j, seed, 0] = accuracy(net, digits("test"))
                if way != "each layer":
                    found[i, j, seed, 1] = accuracy(fit(net, x, y, seed=seed), digits("test"))
        for k, keep in enumerate(keeps):
            net = narrow(trained(seed), keep)
            sizes = (784, *(layer.out_features for layer in net if isinstance(layer, nn.Linear)))
            fresh = fit(mlp(seed, sizes), *whole, epochs=EPOCHS, lr=LR, batch=BATCH, seed=seed)
            thin[k, seed] = (
                accuracy(net, digits("test")),
                accuracy(fit(net, x, y, seed=seed), digits("test")),
                accuracy(fresh, digits("test")),
            )
        print(f"pruning, seed {seed}: {found[0, :, seed].round(3).tolist()} {thin[:, seed].round(3)}", flush=True)
    return {"pruned": found, "narrow": thin}


# ---- bits ------------------------------------------------------------------------------------------------------------


def bits(seeds: int, rows: int | None) -> dict[str, Array]:
    """Rounded weights by scales and bits: only rounded, and for few bits trained one epoch with rounded weights."""
    x, y = (part[: rows or TUNED_ROWS] for part in digits("train"))
    found = np.full((2, len(SMALLER["bits"]), seeds, 2), np.nan)
    for seed in range(seeds):
        for i in (0, 1):
            for j, n in enumerate(SMALLER["bits"]):
                net = add_fake_quantize(trained(seed), n, per_channel=bool(i))
                found[i, j, seed, 0] = accuracy(net, digits("test"))
                if n <= 3:
                    found[i, j, seed, 1] = accuracy(keep_rounded(fit(net, x, y, seed=seed)), digits("test"))
        print(f"bits, seed {seed}: {found[:, :3, seed].round(3).tolist()}", flush=True)
    return {"rounded": found}


# ---- distillation ----------------------------------------------------------------------------------------------------


def distillation(seeds: int, rows: int | None) -> dict[str, Array]:
    """A student with one small hidden layer, taught in several ways by the network of seed 0."""
    (x, y), test = digits("train"), digits("test")
    x, y = x[:rows], y[:rows]
    with torch.no_grad():
        logits = trained(0)(x)
    few, others, threes = slice(0, 500), y != 3, test[1] == 3
    of_threes = (test[0][threes], test[1][threes])
    temperatures = SMALLER["temperatures"]
    soft, without = np.zeros((2, len(temperatures), seeds)), np.zeros((len(temperatures), seeds, 2))
    plain = np.zeros((len(SMALLER["lessons"]), seeds))
    for seed in range(seeds):

        def student(x: torch.Tensor, target: torch.Tensor, t: float | None = None, *, seed: int = seed) -> Net:
            def taught(z: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
                return distillation_loss(z, answers, temperature=t or 1.0)

            how = dict(epochs=3, batch=BATCH) if len(x) > 500 else dict(epochs=60, batch=32)
            sizes = (784, SMALLER["student"], 10)
            return fit(mlp(seed, sizes), x, target, lr=LR, loss=taught if t else cross_entropy, seed=seed, **how)

        for k, t in enumerate(temperatures):
            soft[0, k, seed] = accuracy(student(x, logits, t), test)
            soft[1, k, seed] = accuracy(student(x[few], logits[few], t), test)
            net = student(x[others], logits[others], t)
            without[k, seed] = accuracy(net, test), accuracy(net, of_threes)
        plain[:, seed] = [
            accuracy(student(x, y), test),
            accuracy(student(x[few], y[few]), test),
            accuracy(student(x, logits.argmax(dim=1)), test),
            accuracy(student(x[others], y[others]), of_threes),
        ]
        print(f"distillation, seed {seed}: {soft[:, :, seed].round(4)} {without[:, seed].round(3)}", flush=True)
        print(plain[:, seed].round(4), flush=True)
    return {"soft": soft, "without": without, "plain": plain}


# ---- table and time: both networks, one row a method -----------------------------------------------------------------


class Csr(nn.Module):
    """A Linear whose weight is kept as compressed sparse rows: values, their columns, and where each row begins."""

    def __init__(self, layer: nn.Linear):
        super().__init__()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta", UserWarning)
            self.weight = layer.weight.detach().to_sparse_csr()
        self.bias = layer.bias.detach()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.weight @ x.T).T + self.bias

    def arrays(self) -> list[torch.Tensor]:
        """What a file has to hold, with 4 bytes for each column number."""
        weight = self.weight
        return [weight.values(), weight.col_indices().int(), weight.crow_indices().int(), self.bias]


def sparse(net: Net) -> Net:
    """A copy with each Linear as compressed sparse rows."""
    return nn.Sequential(*(Csr(m) if isinstance(m, nn.Linear) else copy.deepcopy(m) for m in net)).eval()


def thin(net: Net, rank: int = SMALLER["rank"]) -> Net:
    """A copy with each large Linear as two thin ones."""
    layers = (
        factorised(m, rank) if isinstance(m, nn.Linear) and m.in_features > 200 else copy.deepcopy(m) for m in net
    )
    return nn.Sequential(*layers)


def int8(net: Net) -> nn.Module:
    """A copy whose Linear layers multiply whole numbers, by PyTorch's old tool, which is still the fast one here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.ao.quantization is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
        made: nn.Module = torch.ao.quantization.quantize_dynamic(copy.deepcopy(net), {nn.Linear}, dtype=torch.qint8)
    return made


def kilobytes(net: nn.Module) -> float:
    """Of a file with all that the network has to keep."""
    file = io.BytesIO()
    layers = [layer.arrays() if isinstance(layer, Csr) else layer.state_dict() for layer in net.children()]
    torch.save(layers if any(isinstance(layer, Csr) for layer in net.children()) else net.state_dict(), file)
    return len(file.getvalue()) / 1000


def variants(kind: str, seed: int, rows: int | None) -> dict[str, tuple[nn.Module, int]]:
    """Each row of the table: a network, and how many of its parameters are not zero."""
    net, flat = trained(seed, kind), kind == "mlp"
    x, y = (part[: rows or (TUNED_ROWS if flat else CNN_ROWS)] for part in digits("train", flat))
    holes = finished(fit(masked(copy.deepcopy(net), 0.9, "all layers together"), x, y, seed=seed)).eval()
    small = fit(narrow(net, SMALLER["keep"] if flat else 0.5), x, y, seed=seed).eval()
    factors = fit(thin(net), x, y, seed=seed).eval()
    made = {"as it was": net, "90% zeros": holes, "zeros, as CSR": sparse(holes), "narrow": small, "low rank": factors}
    made |= {"int8": int8(net), "narrow, int8": int8(small)}
    count = {n: sum(int((p != 0).sum()) for p in m.parameters()) for n, m in made.items()}
    count |= {"zeros, as CSR": count["90% zeros"], "int8": count["as it was"], "narrow, int8": count["narrow"]}
    return {name: (one, count[name]) for name, one in made.items()}


def table(seeds: int, rows: int | None) -> dict[str, Array]:
    """Accuracy over seeds, and parameters and kB of seed 0, of every variant of both networks."""
    names = SMALLER["variants"]
    right, size = np.zeros((2, len(names), seeds)), np.zeros((2, len(names), 2))
    for i, kind in enumerate(("mlp", "cnn")):
        for seed in range(seeds):
            for k, (name, (net, count)) in enumerate(variants(kind, seed, rows).items()):
                assert name == names[k]
                right[i, k, seed] = accuracy(net, digits("test", kind == "mlp"))
                size[i, k] = (count, kilobytes(net)) if seed == 0 else size[i, k]
            print(f"table, {kind}, seed {seed}: {right[i, :, seed].round(4)}", flush=True)
    return {"table_accuracy": right, "table_size": size}


def milliseconds(net: nn.Module, x: torch.Tensor, seconds: float = 1.0) -> float:
    """The least of many calls: what else runs on the machine only makes it longer."""
    with torch.no_grad():
        for _ in range(5):
            net(x)
        least, end = float("inf"), time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            net(x)
            least = min(least, time.perf_counter() - start)
    return 1000 * least


def timing(seeds: int, rows: int | None, seconds: float = 1.0) -> dict[str, Array]:
    """Milliseconds of every variant for 1 and 64 digits; of one layer by share of zeros, dense and as CSR; and what
    torch.compile takes and gives."""
    found = np.zeros((2, len(SMALLER["variants"]), 2))
    for i, kind in enumerate(("mlp", "cnn")):
        made = variants(kind, 0, rows)
        for _ in range(2):  # twice over the whole table, so that a busy minute hits no single row
            for k, (net, _count) in enumerate(made.values()):
                for b, n in enumerate((1, 64)):
                    now = milliseconds(net, digits("test", kind == "mlp")[0][:n], seconds / 2)
                    found[i, k, b] = min(now, found[i, k, b] or np.inf)
        print(f"time, {kind}: {found[i].round(3).tolist()}", flush=True)
    zeros, x = np.zeros((len(SMALLER["zeros"]), 2)), digits("test")[0][:64]
    for k, share in enumerate(SMALLER["zeros"]):
        layers = finished(masked(trained(0), share, "all layers together"))
        net = nn.Sequential(*list(layers)[:2]).eval()
        zeros[k] = milliseconds(net, x, seconds), milliseconds(sparse(net), x, seconds)
    print(f"time, zeros: {zeros.round(3).tolist()}", flush=True)
    compiled = np.zeros((2, 3))
    for i, kind in enumerate(("mlp", "cnn")):
        net, x = trained(0, kind), digits("test", kind == "mlp")[0][:64]
        ready = torch.compile(net)
        start = time.perf_counter()
        with torch.no_grad():
            ready(x)
        compiled[i] = time.perf_counter() - start, milliseconds(net, x, seconds), milliseconds(ready, x, seconds)
    print(f"time, compiled: {compiled.round(3).tolist()}", flush=True)
    words = f"{processor()}, one thread, PyTorch {torch.__version__.split('+')[0]}"
    return {"time": found, "zeros_time": zeros, "compiled": compiled, "machine": np.array(words)}


def processor() -> str:
    """Its family, without a name of the machine."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            name = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            flags = next(line for line in info if line.startswith("flags"))
        return name + (" with AVX-512 and VNNI" if "avx512_vnni" in flags else "")
    except (OSError, StopIteration):
        return platform.machine()


PARTS: dict[str, Callable[..., dict[str, Array]]] = {
    "base": base,
    "convolutional": convolutional,
    "bits": bits,
    "distillation": distillation,
    "pruning": pruning,
    "table": table,
    "time": timing,
}


def make(name: str, seeds: int = 3, rows: int | None = None, **how: Any) -> dict[str, Array]:
    """One part. seeds, rows: fewer for a trial. "base" and "convolutional" have to be there for the others."""
    torch.set_num_threads(1)
    return PARTS[name](seeds, rows, **how)


def check() -> float:
    """Train the first network again; print and return how far its accuracy is from that of the weights here."""
    torch.set_num_threads(1)
    again = accuracy(fit(mlp(0), *digits("train"), epochs=EPOCHS, lr=LR, batch=BATCH), digits("test"))
    net = mlp(0)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in smaller_weights().items()})
    here = accuracy(net, digits("test"))
    print(f"data/smaller.npz classifies {here:.2%} of the test digits correctly, trained again {again:.2%}")
    return abs(here - again)


def main() -> None:
    """Make the parts that are missing, and the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS, help="only this one, again if it is there")
    parser.add_argument("--check", action="store_true", help="train one network again and compare, write nothing")
    options = parser.parse_args()
    if options.check:
        check()
        return
    files = {name: CACHE / f"{name}.npz" for name in PARTS}
    for name in [options.part] if options.part else [name for name in PARTS if not files[name].is_file()]:
        made = make(name)
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez(files[name], **made)
    if all(path.is_file() for path in files.values()):
        write("smaller.npz", npz(**joined(files)))


def joined(files: dict[str, Any]) -> dict[str, Array]:
    """All parts in one: of the networks, the weights of the first one only, in half precision."""
    whole: dict[str, Array] = {}
    for path in files.values():
        with np.load(path, allow_pickle=False) as found:
            whole |= {name: found[name] for name in found.files if not name.startswith(("mlp_", "cnn_"))}
            first = {name: found[name] for name in found.files if name.startswith("mlp_0_")}
            whole |= {name.removeprefix("mlp_0_"): value.astype(np.float16) for name, value in first.items()}
    return whole


if __name__ == "__main__":
    main()
