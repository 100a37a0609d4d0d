"""No right answer is told wrong: other ways to write each solution pass, and PyTorch agrees with all of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlab.exercises import ALL

OTHERWISE = {
    "00.1": [
        "def accuracy(predicted, true): return (predicted == true).mean()",
        "def accuracy(predicted, true): return 1 - np.count_nonzero(predicted - true) / len(true)",
        "def accuracy(predicted, true): return sum(int(p == t) for p, t in zip(predicted, true)) / len(true)",
    ],
    "00.2": [
        "def weighted_sum(x, w): return x @ w",
        "def weighted_sum(x, w): return np.dot(w, x)",
        "def weighted_sum(x, w): return sum(a * b for a, b in zip(x, w))",
    ],
    "01.1": [
        "def neuron(x, w, b, activation): return activation(np.sum(x * w) + b)",
        "def neuron(x, w, b, activation): return float(activation(b + sum(p * q for p, q in zip(x, w))))",
    ],
    "01.2": [
        "def layer(x, weight, bias): return np.dot(x, weight.T) + bias[None, :]",
        "def layer(x, weight, bias): return np.einsum('ni,oi->no', x, weight) + bias",
        "def layer(x, weight, bias): return (weight @ x.T + bias[:, None]).T",
        "def layer(x, weight, bias): return [[float(w @ row + b) for w, b in zip(weight, bias)] for row in x]",
        """
def layer(x, weight, bias):
    import torch
    return torch.nn.functional.linear(*map(torch.tensor, (x, weight, bias)))
""",
    ],
    "01.3": [
        """
def perceptron_step(w, b, x, y, lr=1.0):
    wrong = y * (w @ x + b) <= 0
    return w + lr * wrong * y * x, b + lr * wrong * y
""",
        """
def perceptron_step(w, b, x, y, lr=1.0):
    w = w.copy()
    if np.sign(w @ x + b) != y:
        w += lr * y * x
        b += lr * y
    return [w, b]
""",
    ],
    "02.1": [
        """
def leaky_relu(x, negative_slope=0.01):
    out = x.copy()
    out[x < 0] *= negative_slope
    return out
def leaky_relu_grad(x, negative_slope=0.01):
    return (x > 0) + negative_slope * (x <= 0)
""",
        """
def leaky_relu(x, negative_slope=0.01):
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)
def leaky_relu_grad(x, negative_slope=0.01):
    grad = np.ones_like(x)
    grad[x <= 0] = negative_slope
    return grad
""",
    ],
    "02.2": [
        "def sigmoid(x): return np.exp(-np.logaddexp(0, -x))",
        """
def sigmoid(x):
    out, right = np.empty_like(x), x >= 0
    out[right] = 1 / (1 + np.exp(-x[right]))
    e = np.exp(x[~right])
    out[~right] = e / (1 + e)
    return out
""",
        """
def sigmoid(x):
    import torch
    return torch.sigmoid(torch.tensor(x))
""",
    ],
    "02.3": [
        """
def softmax(x, axis=-1):
    z = np.moveaxis(x, axis, 0)
    e = np.exp(z - z.max(0))
    return np.moveaxis(e / e.sum(0), 0, axis)
""",
        "def softmax(x, axis=-1): return np.exp(x - np.logaddexp.reduce(x, axis=axis, keepdims=True))",
        """
def softmax(x, axis=-1):
    import torch
    return torch.softmax(torch.tensor(x), axis)
""",
    ],
    "03.2": [
        "def bce_with_logits(z, t): return np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))",
        "def bce_with_logits(z, t): return np.where(t == 1, np.logaddexp(0, -z), np.logaddexp(0, z)).mean()",
    ],
    "03.3": [
        """
def cross_entropy(logits, labels):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    return np.mean(log_sum - np.take_along_axis(logits, labels[:, None], axis=1)[:, 0])
""",
    ],
    "04.1": [
        """
def mul_backward(a, b, grad): return grad * np.array([b, a])
def tanh_backward(x, grad): return grad / np.cosh(x) ** 2
""",
    ],
    "05.1": [
        """
def minibatches(n, batch_size, rng):
    rows = list(range(n))
    rng.shuffle(rows)
    while rows:
        yield [rows.pop() for _ in range(min(batch_size, len(rows)))]
""",
        """
def minibatches(n, batch_size, rng):
    order = np.argsort(rng.random(n))
    return np.split(order, range(batch_size, n, batch_size))
""",
    ],
    "10.1": [
        """
def dropout(x, p, training, rng):
    return np.where(rng.uniform(size=x.shape) < p, 0.0, x / (1 - p)) if training else x.copy()
""",
        """
def dropout(x, p, training, rng):
    if training:
        return x * rng.binomial(1, 1 - p, x.shape) / (1 - p)
    return x
""",
        """
def dropout(x, p, training, rng):
    out = np.array(x)
    if training and p > 0:
        for place in np.ndindex(x.shape):
            out[place] = 0 if rng.random() < p else x[place] / (1 - p)
    return out
""",
        """
import torch
def dropout(x, p, training, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return torch.nn.functional.dropout(torch.tensor(x), p, training)
""",
        """
from nnlab import scratch
def dropout(x, p, training, rng): return scratch.Dropout(p, rng=rng).train(training).forward(x)
""",
    ],
    "10.2": [
        """
def l1_gradient(w, strength): return strength * ((w > 0).astype(float) - (w < 0))
def shrink(w, amount): return w - np.clip(w, -amount, amount)
""",
        """
def l1_gradient(w, strength): return np.where(w == 0, 0, np.copysign(strength, w))
def shrink(w, amount): return np.where(w > amount, w - amount, np.where(w < -amount, w + amount, 0))
""",
        """
def l1_gradient(w, strength):
    grad = np.zeros_like(w, dtype=np.float32)
    for place in np.ndindex(w.shape):
        if w[place]:
            grad[place] = strength * w[place] / abs(w[place])
    return grad
def shrink(w, amount):
    out = w.copy()
    out[w > 0] = np.maximum(w[w > 0] - amount, 0)
    out[w < 0] = np.minimum(w[w < 0] + amount, 0)
    return out
""",
        """
import torch
def l1_gradient(w, strength):
    t = torch.tensor(w, requires_grad=True)
    (strength * t.abs().sum()).backward()
    return t.grad
def shrink(w, amount): return torch.nn.functional.softshrink(torch.tensor(w), amount)
""",
    ],
    "10.3": [
        """
import copy
class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.losses = patience, []
    def update(self, loss, params):
        self.losses.append(loss)
        best = int(np.argmin(self.losses))
        if best == len(self.losses) - 1:
            self.best = copy.deepcopy(params)
        return len(self.losses) - 1 - best >= self.patience
    def restore(self, params):
        for name in params:
            np.copyto(params[name], self.best[name])
""",
        """
class EarlyStopping:
    def __init__(self, patience):
        self.left = self.patience = patience
        self.lowest = None
    def update(self, loss, params):
        self.left -= 1
        if self.lowest is None or loss < self.lowest:
            self.lowest, self.left = loss, self.patience
            self.best = {name: np.array(value) for name, value in params.items()}
        if self.left > 0:
            return False
        return True
    def restore(self, params):
        for name, value in params.items():
            value[:] = self.best[name]
""",
        """
class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.step, self.best = patience, 0, (float("inf"), 0, None)
    def update(self, loss, params):
        self.step += 1
        if loss < self.best[0]:
            self.best = loss, self.step, [value.tolist() for value in params.values()]
        return np.bool_(self.step - self.best[1] >= self.patience)
    def restore(self, params):
        for value, kept in zip(params.values(), self.best[2]):
            value[...] = kept
        return params
""",
    ],
    "11.1": [
        """
def he_normal(shape, gain, rng):
    fan_in = 1
    for n in shape[1:]:
        fan_in *= n
    return gain * rng.standard_normal(shape) * fan_in**-0.5
def he_uniform(shape, gain, rng):
    return gain * (2 * rng.random(shape) - 1) * np.sqrt(3) / np.sqrt(np.zeros(shape)[0].size)
""",
        """
import math
def spread(shape, gain): return gain / math.sqrt(math.prod(shape[1:]))
def he_normal(shape, gain, rng): return rng.normal(scale=spread(shape, gain), size=shape).astype(np.float32)
def he_uniform(shape, gain, rng): return rng.uniform(-1, 1, shape) * spread(shape, gain) * 3**0.5
""",
        """
from nnlab import scratch
def he_normal(shape, gain, rng): return scratch.kaiming_normal(shape, gain, rng=rng)
def he_uniform(shape, gain, rng): return scratch.kaiming_uniform(shape, gain, rng=rng)
""",
        """
import torch
def he_normal(shape, gain, rng):
    dice = torch.Generator().manual_seed(int(rng.integers(2**60)))
    return torch.randn(shape, generator=dice) * gain / torch.empty(shape)[0].numel() ** 0.5
def he_uniform(shape, gain, rng):
    dice = torch.Generator().manual_seed(int(rng.integers(2**60)))
    return (2 * torch.rand(shape, generator=dice) - 1) * gain * (3 / torch.empty(shape)[0].numel()) ** 0.5
""",
    ],
    "11.2": [
        """
def clip_by_norm_(grads, max_norm):
    length = np.linalg.norm([np.linalg.norm(g) for g in grads])
    factor = min(1, max_norm / (length + 1e-6))
    for i in range(len(grads)):
        grads[i][...] = grads[i] * factor
    return float(length)
""",
        """
def clip_by_norm_(grads, max_norm):
    total = 0.0
    for g in grads:
        for entry in g.ravel():
            total += entry * entry
    length = total**0.5
    if length <= max_norm:
        return length
    for g in grads:
        np.multiply(g, max_norm / length, out=g)
    return length
""",
        """
def clip_by_norm_(grads, max_norm):
    import torch
    views = [torch.zeros(1, requires_grad=True) for g in grads]
    for view, g in zip(views, grads):
        view.data = torch.from_numpy(g)
        view.grad = torch.from_numpy(g)
    return torch.nn.utils.clip_grad_norm_(views, max_norm)
""",
        """
from nnlab import scratch
def clip_by_norm_(grads, max_norm): return scratch.clip_grad_norm_(dict(enumerate(grads)), max_norm)
""",
    ],
    "11.3": [
        """
import copy, os, tempfile
import torch
PARTS = "model opt schedule".split()
def state(run):
    kept = {name: copy.deepcopy(getattr(run, name).state_dict()) for name in PARTS}
    return kept | {"place": [run.order.tolist(), run.place], "dice": [run.generator.get_state(), torch.get_rng_state()]}
def restore(run, state):
    for name in PARTS:
        getattr(run, name).load_state_dict(state[name])
    order, run.place = state["place"]
    run.order = torch.tensor(order)
    run.generator.set_state(state["dice"][0])
    torch.random.set_rng_state(state["dice"][1])
def save(state, path):
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)
""",
        """
import os
import torch
def photograph(thing):
    if torch.is_tensor(thing):
        return thing.detach().clone()
    if isinstance(thing, dict):
        return {key: photograph(value) for key, value in thing.items()}
    return [photograph(value) for value in thing] if isinstance(thing, list) else thing
def state(run):
    dice = (run.generator.get_state(), torch.random.get_rng_state())
    parts = (run.model.state_dict(), run.opt.state_dict(), run.schedule.state_dict())
    return {"all": photograph([dict(parts[0]), *parts[1:], run.order, run.place, *dice])}
def restore(run, state):
    model, opt, schedule, run.order, run.place, orders, dice = state["all"]
    run.model.load_state_dict(model)
    run.schedule.load_state_dict(schedule)
    run.opt.load_state_dict(opt)
    run.generator.set_state(orders)
    torch.set_rng_state(dice)
def save(state, path):
    try:
        with open(path + ".part", "wb") as file:
            torch.save(state, file)
    except BaseException:
        os.remove(path + ".part")
        raise
    os.replace(path + ".part", path)
""",
        """
import copy
from pathlib import Path
import torch
def state(run):
    return {"model": {n: p.clone() for n, p in run.model.state_dict().items()},
            "opt": copy.deepcopy(run.opt.state_dict()), "schedule": dict(run.schedule.state_dict()),
            "order": run.order.clone(), "place": torch.tensor(run.place),
            "a": run.generator.get_state(), "b": torch.default_generator.get_state()}
def restore(run, state):
    with torch.no_grad():
        for name, p in run.model.named_parameters():
            p.copy_(state["model"][name])
    run.opt.load_state_dict(state["opt"])
    run.schedule.load_state_dict(state["schedule"])
    run.order, run.place = state["order"], int(state["place"])
    run.generator.set_state(state["a"])
    torch.default_generator.set_state(state["b"])
def save(state, path):
    beside = Path(path).with_suffix(".new")
    torch.save(state, beside)
    beside.replace(path)
""",
        """
import copy, os, shutil, tempfile
import torch
def state(run):  # of the order only what is still to come
    things = {"model": run.model, "opt": run.opt, "schedule": run.schedule}
    kept = {name: copy.deepcopy(thing.state_dict()) for name, thing in things.items()}
    return kept | {"rest": run.order[run.place:].clone(), "dice": (run.generator.get_state(), torch.get_rng_state())}
def restore(run, state):
    for name in ("model", "opt", "schedule"):
        getattr(run, name).load_state_dict(state[name])
    run.place = 20 - len(state["rest"])
    run.order = torch.cat([torch.zeros(run.place, dtype=torch.int64), state["rest"]])
    run.generator.set_state(state["dice"][0])
    torch.set_rng_state(state["dice"][1])
def save(state, path):  # through a folder beside it, with a copy of the old one
    if os.path.exists(path):
        shutil.copy(path, path + ".bak")
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        torch.save(state, os.path.join(folder, "new"))
        os.rename(os.path.join(folder, "new"), path)
""",
    ],
    "06.1": [
        """
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x, [(0, 0)] + 2 * [(padding, padding)])
    k = weight.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weight) + bias[:, None, None]
""",
        """
import torch
def conv2d(x, weight, bias, stride=1, padding=0):
    x, weight, bias = (torch.tensor(t, dtype=torch.float32) for t in (x, weight, bias))
    return torch.nn.functional.conv2d(x, weight, bias, stride=stride, padding=padding)
""",
        """
def conv2d(x, weight, bias, stride=1, padding=0):
    n_in, height, width = x.shape
    n_out, k = len(weight), weight.shape[2]
    maps = []
    for o in range(n_out):
        rows = []
        for top in range(-padding, height + padding - k + 1, stride):
            row = []
            for left in range(-padding, width + padding - k + 1, stride):
                total = bias[o]
                for c in range(n_in):
                    for i in range(k):
                        for j in range(k):
                            if 0 <= top + i < height and 0 <= left + j < width:
                                total += weight[o, c, i, j] * x[c, top + i, left + j]
                row.append(total)
            rows.append(row)
        maps.append(rows)
    return maps
""",
        """
def conv2d(x, weight, bias, stride=1, padding=0):
    n_out, n_in, k, _ = weight.shape
    around = np.zeros((n_in, x.shape[1] + 2 * padding, x.shape[2] + 2 * padding), dtype=np.float32)
    around[:, padding : padding + x.shape[1], padding : padding + x.shape[2]] = x
    h = int((x.shape[1] + 2 * padding - k) / stride + 1)
    w = int((x.shape[2] + 2 * padding - k) / stride + 1)
    columns = [around[:, i * stride : i * stride + k, j * stride : j * stride + k].ravel()
               for i in range(h) for j in range(w)]
    return (weight.reshape(n_out, -1) @ np.array(columns).T + bias.reshape(-1, 1)).reshape(n_out, h, w)
""",
        """
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), mode="constant")
    h = (x.shape[1] - weight.shape[2]) // stride + 1
    w = (x.shape[2] - weight.shape[3]) // stride + 1
    out = np.zeros((len(weight), h, w)) + bias.reshape(-1, 1, 1)
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            part = x[:, i : i + h * stride : stride, j : j + w * stride : stride][:, :h, :w]
            out += np.tensordot(weight[:, :, i, j], part, axes=1)
    return out
""",
        """
from nnlab import scratch
def conv2d(x, weight, bias, stride=1, padding=0):
    n_out, n_in, k, _ = weight.shape
    layer = scratch.Conv2d(n_in, n_out, k, stride, padding, rng=np.random.default_rng())
    layer.params["weight"][...] = weight
    layer.params["bias"][...] = bias
    return layer.forward(x[None])[0]
""",
    ],
    "06.2": [
        """
def output_size(size, kernel, stride=1, padding=0):
    return len(range(0, size + 2 * padding - kernel + 1, stride))
def receptive_field(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size
""",
        """
import math
def output_size(size, kernel, stride=1, padding=0):
    return math.floor((size - kernel + 2 * padding) / stride + 1)
def receptive_field(layers):
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (receptive_field(rest) - 1) * stride + kernel
""",
        """
def output_size(size, kernel, stride=1, padding=0):
    return np.floor((size + 2 * padding - kernel) / stride) + 1
def receptive_field(layers):
    kernels, strides = np.array(layers).T
    jumps = np.cumprod(np.append(1, strides[:-1]))
    return 1 + np.sum((kernels - 1) * jumps)
""",
        """
def output_size(size, kernel, stride=1, padding=0):
    places, start = 0, -padding
    while start + kernel <= size + padding:
        places += 1
        start += stride
    return places
def receptive_field(layers):
    total = 1
    for i in range(len(layers)):
        jump = 1
        for j in range(i):
            jump *= layers[j][1]
        total += (layers[i][0] - 1) * jump
    return total
""",
        """
import torch
def output_size(size, kernel, stride=1, padding=0):
    return torch.nn.Conv1d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size)).shape[-1]
def receptive_field(layers):
    seen = {0}
    for kernel, stride in layers[::-1]:
        seen = {place * stride + i for place in seen for i in range(kernel)}
    return len(seen)
""",
    ],
    "06.3": [
        """
def maxpool_backward(x, dy, k, stride):
    dx = np.zeros_like(x)
    for (i, j), value in np.ndenumerate(dy):
        rows, columns = slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)
        dx[rows, columns] += value * (x[rows, columns] == x[rows, columns].max())
    return dx
""",
        """
def maxpool_backward(x, dy, k, stride):
    dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            best, at = -np.inf, None
            for row in range(i * stride, i * stride + k):
                for column in range(j * stride, j * stride + k):
                    if x[row, column] > best:
                        best, at = x[row, column], (row, column)
            dx[at[0]][at[1]] += dy[i, j]
    return dx
""",
        """
import torch
def maxpool_backward(x, dy, k, stride):
    t = torch.tensor(x, requires_grad=True)
    y = torch.nn.functional.max_pool2d(t[None, None], k, stride)
    y.backward(torch.tensor(dy)[None, None])
    return t.grad
""",
        """
def maxpool_backward(x, dy, k, stride):
    h, w = dy.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k))[::stride, ::stride][:h, :w]
    row, column = np.divmod(windows.reshape(h, w, k * k).argmax(axis=2), k)
    dx = np.zeros(x.shape)
    np.add.at(dx, (row + stride * np.arange(h)[:, None], column + stride * np.arange(w)), dy)
    return dx
""",
        """
def maxpool_backward(x, dy, k, stride):
    dx = np.zeros(x.shape, dtype=np.float32)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            top = x[i * stride:i * stride + k, j * stride:j * stride + k].max()
            dx[x == top] += dy[i, j]
    return dx
""",
        """
import torch
def maxpool_backward(x, dy, k, stride):
    t = torch.from_numpy(x).float()[None]
    y, at = torch.nn.functional.max_pool2d(t, k, stride, return_indices=True)
    dx = torch.zeros(x.size)
    dx.index_add_(0, at.flatten(), torch.from_numpy(dy).float().flatten())
    return dx.reshape(x.shape)
""",
    ],
    "07.1": [
        """
def rnn_step(x, h, W_ih, W_hh, b):
    return np.tanh(np.concatenate([x, h], axis=1) @ np.concatenate([W_ih, W_hh], axis=1).T + b)
def rnn_forward(x, W_ih, W_hh, b):
    n, steps, _ = x.shape
    out = np.zeros((n, steps, W_hh.shape[0]))
    for t in range(steps):
        before = out[:, t - 1] if t > 0 else np.zeros((n, W_hh.shape[0]))
        out[:, t, :] = rnn_step(x[:, t, :], before, W_ih, W_hh, b)
    return out
""",
        """
def rnn_step(x, h, W_ih, W_hh, b):
    out = np.empty_like(h)
    for n in range(len(x)):
        for i in range(len(b)):
            total = b[i]
            for j in range(x.shape[1]):
                total += W_ih[i, j] * x[n, j]
            for j in range(len(b)):
                total += W_hh[i, j] * h[n, j]
            out[n, i] = np.tanh(total)
    return out
def rnn_forward(x, W_ih, W_hh, b):
    answer = []
    for sequence in x:
        h, states = np.zeros((1, len(b))), []
        for step in sequence:
            h = rnn_step(step[None], h, W_ih, W_hh, b)
            states.append(h[0].tolist())
        answer.append(states)
    return answer
""",
        """
def rnn_step(x, h, W_ih, W_hh, b):
    z = np.einsum("nf,hf->nh", x, W_ih) + np.einsum("nk,hk->nh", h, W_hh) + b
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
def rnn_forward(x, W_ih, W_hh, b):
    states = [np.zeros((x.shape[0], b.size))]
    for x_t in np.swapaxes(x, 0, 1):
        states.append(rnn_step(x_t, states[-1], W_ih, W_hh, b))
    return np.array(states[1:]).transpose(1, 0, 2)
""",
        """
import torch
def rnn_step(x, h, W_ih, W_hh, b):
    x, h, W_ih, W_hh, b = (torch.as_tensor(t, dtype=torch.float32) for t in (x, h, W_ih, W_hh, b))
    return torch.tanh(x @ W_ih.T + h @ W_hh.T + b)
def rnn_forward(x, W_ih, W_hh, b):
    h, states = torch.zeros(len(x), len(b)), []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W_ih, W_hh, b)
        states.append(h)
    return torch.stack(states, dim=1)
""",
        """
def rnn_step(x, h, W_ih, W_hh, b):
    z = np.dot(x, W_ih.T)
    z += np.dot(h, W_hh.T)
    z += b
    return np.tanh(z, out=z)
def rnn_forward(x, W_ih, W_hh, b):
    h = np.zeros(W_hh.shape[0])
    return np.stack([h := rnn_step(x[:, t], h, W_ih, W_hh, b) for t in range(x.shape[1])], 1)
""",
        """
def rnn_step(x, h, W_ih, W_hh, b):
    x, h, W_ih, W_hh, b = (t.astype(np.float32) for t in (x, h, W_ih, W_hh, b))
    return 2 / (1 + np.exp(-2 * (x @ W_ih.T + h @ W_hh.T + b))) - 1
def rnn_forward(x, W_ih, W_hh, b):
    drive = x @ W_ih.T + b
    h = np.tanh(drive[:, 0])
    states = [h]
    for t in range(1, x.shape[1]):
        h = np.tanh(drive[:, t] + h @ W_hh.T)
        states.append(h)
    return np.stack(states, axis=1)
""",
    ],
    "07.2": [
        """
def sigmoid(z): return 1 / (1 + np.exp(-z))
def lstm_step(x, h, c, W_ih, W_hh, b):
    n = h.shape[1]
    z = np.einsum("nf,gf->ng", x, W_ih) + np.einsum("nk,gk->ng", h, W_hh) + b
    i, f = sigmoid(z[:, :n]), sigmoid(z[:, n : 2 * n])
    g, o = np.tanh(z[:, 2 * n : 3 * n]), sigmoid(z[:, 3 * n :])
    cell = i * g + f * c
    return [o * np.tanh(cell), cell]
""",
        """
def lstm_step(x, h, c, W_ih, W_hh, b):
    hidden = c.shape[-1]
    z = (x @ W_ih.T + h @ W_hh.T + b).reshape(len(x), 4, hidden)
    half = 0.5 + 0.5 * np.tanh(z / 2)
    cell = half[:, 1] * c + half[:, 0] * np.tanh(z[:, 2])
    return np.stack([half[:, 3] * np.tanh(cell), cell])
""",
        """
def lstm_step(x, h, c, W_ih, W_hh, b):
    new_h, new_c = np.zeros_like(h), np.zeros_like(c)
    H = h.shape[1]
    for n in range(len(x)):
        for k in range(H):
            def total(gate):
                row = gate * H + k
                return W_ih[row] @ x[n] + W_hh[row] @ h[n] + b[row]
            i, f, o = (1 / (1 + np.exp(-total(gate))) for gate in (0, 1, 3))
            new_c[n, k] = f * c[n, k] + i * np.tanh(total(2))
            new_h[n, k] = o * np.tanh(new_c[n, k])
    return new_h.tolist(), new_c.tolist()
""",
        """
import torch
def lstm_step(x, h, c, W_ih, W_hh, b):
    cell = torch.nn.LSTMCell(x.shape[1], h.shape[1])
    cell.load_state_dict({"weight_ih": torch.tensor(W_ih), "weight_hh": torch.tensor(W_hh),
                          "bias_ih": torch.tensor(b), "bias_hh": torch.zeros(len(b))})
    return cell(torch.tensor(x).float(), (torch.tensor(h).float(), torch.tensor(c).float()))
""",
        """
def lstm_step(x, h, c, W_ih, W_hh, b):
    (Wi, Wf, Wg, Wo), (Ui, Uf, Ug, Uo), (bi, bf, bg, bo) = (np.split(w, 4) for w in (W_ih, W_hh, b))
    gate = lambda W, U, b: np.exp(-np.logaddexp(0, -(x @ W.T + h @ U.T + b)))
    c = c * gate(Wf, Uf, bf)
    c += gate(Wi, Ui, bi) * np.tanh(x @ Wg.T + h @ Ug.T + bg)
    return np.tanh(c) * gate(Wo, Uo, bo), c
""",
        """
def lstm_step(x, h, c, W_ih, W_hh, b):
    z = np.hstack([x, h, np.ones((len(x), 1))]) @ np.column_stack([W_ih, W_hh, b]).T
    i, f, g, o = np.hsplit(z.astype(np.float32), 4)
    def sigmoid(a):
        return np.where(a >= 0, 1 / (1 + np.exp(-np.abs(a))), np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a))))
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    new_h = sigmoid(o) * np.tanh(new_c)
    return new_h, new_c
""",
    ],
    "07.3": [
        "def last_states(out, lengths): return np.array([row[n - 1] for row, n in zip(out, lengths)])",
        "def last_states(out, lengths): return [out[i, lengths[i] - 1].tolist() for i in range(len(out))]",
        """
def last_states(out, lengths):
    return np.take_along_axis(out, (lengths - 1)[:, None, None], axis=1)[:, 0]
""",
        """
def last_states(out, lengths):
    mask = np.arange(out.shape[1]) == lengths[:, None] - 1
    return out[mask]
""",
        """
def last_states(out, lengths):
    pick = np.eye(out.shape[1], dtype=np.float32)[lengths - 1]
    return np.einsum("nth,nt->nh", out, pick)
""",
        """
import torch
def last_states(out, lengths):
    out, at = torch.tensor(out, dtype=torch.float32), torch.tensor(lengths) - 1
    return out.gather(1, at[:, None, None].expand(-1, 1, out.shape[2])).squeeze(1)
""",
        """
def last_states(out, lengths):
    last = np.zeros((out.shape[0], out.shape[2]))
    for t in range(out.shape[1]):
        last[lengths > t] = out[lengths > t, t]
    return last
""",
        """
def last_states(out, lengths):
    flat = out.reshape(-1, out.shape[-1])
    return flat[np.arange(len(out)) * out.shape[1] + lengths - 1]
""",
        "def last_states(out, lengths): return out[np.arange(len(out)), lengths - out.shape[1] - 1]",
    ],
    "08.1": [
        """
def momentum_step(p, v, g, lr, mu):
    v = v * mu
    v += g
    p = p.copy()
    p -= lr * v
    return p, v
""",
        "def momentum_step(p, v, g, lr, mu): return p - lr * mu * v - lr * g, g + mu * v",
        """
def momentum_step(p, v, g, lr, mu):
    new_p, new_v = np.empty(p.shape), np.empty(v.shape)
    for place in np.ndindex(p.shape):
        new_v[place] = mu * v[place] + g[place]
        new_p[place] = p[place] - lr * new_v[place]
    return [new_p.tolist(), new_v.tolist()]
""",
        """
def momentum_step(p, v, g, lr, mu):
    new_v = np.add(mu * v, g)
    return np.array([np.subtract(p, lr * new_v), new_v])
""",
        """
import torch
def momentum_step(p, v, g, lr, mu):
    p, v, g = (torch.tensor(t, dtype=torch.float32) for t in (p, v, g))
    v.mul_(mu).add_(g)
    return torch.stack([p.sub(v, alpha=lr), v])
""",
        """
import torch
def momentum_step(p, v, g, lr, mu):
    p = torch.nn.Parameter(torch.tensor(p))
    opt = torch.optim.SGD([p], lr=lr, momentum=mu)
    opt.state[p]["momentum_buffer"] = torch.tensor(v)
    p.grad = torch.tensor(g)
    opt.step()
    return p, opt.state[p]["momentum_buffer"]
""",
    ],
    "08.2": [
        """
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    m = m + (1 - betas[0]) * (g - m)
    v = betas[1] * v + (1 - betas[1]) * np.square(g)
    size = (v / (1 - betas[1] ** t)) ** 0.5 + eps
    p = p - lr / (1 - betas[0] ** t) * m / size
    return p, m, v
""",
        """
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    root = np.sqrt(1 - b2**t)
    return p - lr * root / (1 - b1**t) * m / (np.sqrt(v) + eps * root), m, v
""",
        """
import math
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    places = list(np.ndindex(p.shape))
    p, m, v = p.copy(), m.copy(), v.copy()
    for at in places:
        m[at] = b1 * m[at] + (1 - b1) * g[at]
        v[at] = b2 * v[at] + (1 - b2) * g[at] ** 2
        p[at] -= lr * (m[at] / (1 - math.pow(b1, t))) / (math.sqrt(v[at] / (1 - math.pow(b2, t))) + eps)
    return [p.tolist(), m.tolist(), v.tolist()]
""",
        """
import torch
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    p, m, v, g = (torch.tensor(a) for a in (p, m, v, g))
    m = m.lerp(g, 1 - betas[0])
    v = v.mul(betas[1]).addcmul(g, g, value=1 - betas[1])
    m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return p - lr * m_hat / (v_hat.sqrt() + eps), m, v
""",
        """
import torch
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    p = torch.nn.Parameter(torch.tensor(p))
    opt = torch.optim.Adam([p], lr, betas, eps)
    opt.state[p] = {"step": torch.tensor(t - 1.0), "exp_avg": torch.tensor(m), "exp_avg_sq": torch.tensor(v)}
    p.grad = torch.tensor(g)
    opt.step()
    return p, opt.state[p]["exp_avg"], opt.state[p]["exp_avg_sq"]
""",
        """
def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    p, m, v, g = (a.astype(np.float32) for a in (p, m, v, g))
    b1, b2 = betas
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
""",
    ],
    "08.3": [
        """
def adam_l2_step(p, g, adam, lr, weight_decay):
    total = g + weight_decay * p
    return p - lr * adam(total)
def adamw_step(p, g, adam, lr, weight_decay):
    return p * (1 - lr * weight_decay) - lr * adam(g)
""",
        """
def adam_l2_step(p, g, adam, lr, weight_decay):
    return [a - lr * d for a, d in zip(p, adam([b + weight_decay * a for a, b in zip(p, g)]))]
def adamw_step(p, g, adam, lr, weight_decay):
    direction = adam(g.tolist())
    return [p[i] - lr * direction[i] - lr * weight_decay * p[i] for i in range(len(p))]
""",
        """
import torch
def adam_l2_step(p, g, adam, lr, weight_decay):
    p, g = torch.tensor(p, dtype=torch.float32), torch.tensor(g, dtype=torch.float32)
    return p - lr * torch.as_tensor(adam(g + weight_decay * p), dtype=torch.float32)
def adamw_step(p, g, adam, lr, weight_decay):
    p, g = torch.tensor(p, dtype=torch.float32), torch.tensor(g, dtype=torch.float32)
    return p * (1 - lr * weight_decay) - lr * torch.as_tensor(adam(g), dtype=torch.float32)
""",
        """
def plain(p, direction, lr): return np.float32(p) - np.float32(lr) * np.float32(direction)
def adam_l2_step(p, g, adam, lr, weight_decay): return plain(p, adam(np.float32(g + weight_decay * p)), lr)
def adamw_step(p, g, adam, lr, weight_decay):
    decay = np.float32(weight_decay * p)
    return plain(p, adam(np.float32(g)) + decay, lr)
""",
        """
import torch
def adam_l2_step(p, g, adam, lr, weight_decay):
    p = torch.tensor(p, requires_grad=True)
    (weight_decay * (p**2).sum() / 2).backward()
    return p.detach() - lr * torch.as_tensor(adam(p.grad.numpy() + g))
def adamw_step(p, g, adam, lr, weight_decay):
    p = torch.nn.Parameter(torch.tensor(p))
    with torch.no_grad():
        p.mul_(1 - lr * weight_decay)
        p.sub_(torch.as_tensor(lr * adam(g)))
    return p
""",
    ],
    "09.1": [
        """
import math
def warmup_cosine(step, total, warmup, peak, low=0.0):
    if step < warmup:
        return (step + 1) / warmup * peak
    s = (step - warmup) / (total - warmup)
    return low + 0.5 * (peak - low) * (1 + math.cos(math.pi * s))
""",
        """
def warmup_cosine(step, total, warmup, peak, low=0.0):
    climb = peak * (step + 1) / max(warmup, 1)
    fall = low + (peak - low) * np.cos(np.pi / 2 * (step - warmup) / (total - warmup)) ** 2
    return np.where(step < warmup, climb, fall)
""",
        """
import torch
def warmup_cosine(step, total, warmup, peak, low=0.0):
    if warmup and step < warmup:
        return torch.linspace(peak / warmup, peak, warmup)[step]
    share = torch.tensor((step - warmup) / (total - warmup))
    return low + (peak - low) * (1 + torch.cos(torch.pi * share)) / 2
""",
        """
def warmup_cosine(step, total, warmup, peak, low=0.0):
    rates = []
    for i in range(warmup):
        rates.append(peak * (i + 1) / warmup)
    for i in range(total - warmup + 1):
        rates.append(low + (peak - low) * (1 + np.cos(np.pi * i / (total - warmup))) / 2)
    return rates[step]
""",
        """
def warmup_cosine(step, total, warmup, peak, low=0.0):
    if step >= warmup:
        step, total = step - warmup, total - warmup
        return (peak + low) / 2 + (peak - low) / 2 * np.cos(step / total * np.pi)
    return np.linspace(0, peak, warmup + 1)[step + 1]
""",
        """
import torch
def warmup_cosine(step, total, warmup, peak, low=0.0):
    if step < warmup:
        return peak * (step + 1) / warmup
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=total - warmup, eta_min=low)
    for _ in range(step - warmup):
        opt.step()
        falling.step()
    return opt.param_groups[0]["lr"]
""",
        """
def warmup_cosine(step, total, warmup, peak, low=0.0):
    if step < warmup:
        return np.float32(peak * (step + 1) / warmup)
    share = np.float32(step - warmup) / np.float32(total - warmup)
    return np.float32(low) + np.float32(peak - low) * (1 + np.cos(np.float32(np.pi) * share)) / 2
""",
    ],
    "09.2": [
        """
import torch
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    rule = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, "min", factor, patience, threshold)
    rates = []
    for loss in losses:
        rule.step(loss)
        rates.append(opt.param_groups[0]["lr"])
    return rates
""",
        """
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    rates = np.zeros(len(losses), dtype=np.float32)
    best, waiting = None, 0
    for i, loss in enumerate(losses):
        waiting += 1
        if best is None or loss < best * (1 - threshold):
            best, waiting = loss, 0
        elif waiting == patience + 1:
            lr *= factor
            waiting = 0
        rates[i] = lr
    return rates
""",
        """
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    rates = []
    best = float("inf")
    left = patience
    for loss in losses:
        if loss < best * (1 - threshold):
            best = loss
            left = patience
            rates.append(lr)
            continue
        if left == 0:
            lr = lr * factor
            left = patience
        else:
            left -= 1
        rates += [lr]
    return tuple(rates)
""",
        """
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    best, since, cuts, rates = losses[0], 0, 0, [lr]
    for i in range(1, len(losses)):
        if best - losses[i] > threshold * best:
            best, since = losses[i], i
        elif i - since > patience:
            cuts, since = cuts + 1, i
        rates.append(lr * factor**cuts)
    return rates
""",
        """
import torch
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    rates, best, bad = [], torch.inf, 0
    for loss in torch.tensor(losses):
        if loss < best * (1 - threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = lr * factor, 0
        rates.append(lr)
    return torch.tensor(rates)
""",
        """
def plateau(losses, lr, factor=0.5, patience=2, threshold=0.01):
    rates, history = [], []
    best = 1e9
    for loss in losses:
        better = loss < best * (1 - threshold)
        history.append(better)
        if better:
            best = loss
        if len(history) > patience and not any(history[-patience - 1 :]):
            lr *= factor
            history = []
        rates.append(lr)
    return rates
""",
    ],
    "13.1": [
        """
def train_epoch(model, batches, loss, opt):
    model.train()
    losses, sizes = [], []
    for i, (inputs, targets) in enumerate(batches):
        for p in model.parameters():
            p.grad = None
        value = loss(model(inputs), targets)
        value.backward()
        opt.step()
        losses.append(value.item())
        sizes.append(len(targets))
    return np.average(losses, weights=sizes)
""",
        """
import torch
def train_epoch(model, batches, loss, opt):
    before = model.training
    model.train()
    values, rows = [], []
    for x, y in batches:
        value = loss(model(x), y)
        value.backward()
        opt.step()
        model.zero_grad()
        values.append(value.detach())
        rows.append(y.numel())
    model.train(before)
    rows = torch.tensor(rows)
    return ((torch.stack(values) * rows).sum() / rows.sum()).item()
""",
        """
def train_epoch(model, batches, loss, opt):
    model.train()
    total = 0
    for x, y in batches:
        def closure():
            opt.zero_grad()
            value = loss(model(x), y)
            value.backward()
            return value
        total += opt.step(closure).item() * y.size(0)
    return total / sum(len(y) for _, y in batches)
""",
        """
import torch
def train_epoch(model, batches, loss, opt):
    model.train()
    mean = count = 0
    for x, y in batches:
        value = loss(model(x), y)
        for p, g in zip(model.parameters(), torch.autograd.grad(value, list(model.parameters()))):
            p.grad = g
        opt.step()
        count += len(x)
        mean += (value.detach().numpy() - mean) * len(x) / count
    return mean
""",
        """
import torch
def train_epoch(model, batches, loss, opt):
    for module in model.modules():
        module.training = True
    device = next(model.parameters()).device
    total, n = torch.zeros((), device=device), 0
    for batch in batches:
        x, y = (t.to(device) for t in batch)
        opt.zero_grad(set_to_none=False)
        value = loss(model(x), y)
        value.backward()
        opt.step()
        with torch.no_grad():
            total += value * len(x)
        n += len(x)
    return float(total / n)
""",
    ],
    "13.2": [
        """
import torch
@torch.no_grad()
def accuracy(model, batches):
    mode = model.training
    model.eval()
    hits = [(model(x).argmax(1) == y) for x, y in batches]
    model.train(mode)
    return torch.cat(hits).float().mean()
""",
        """
import torch
@torch.inference_mode()
def accuracy(model, batches):
    was = model.training
    try:
        model.eval()
        right = total = 0
        for x, y in batches:
            right += int((model(x).softmax(-1).max(dim=-1).indices == y).sum())
            total += y.numel()
        return right / total
    finally:
        model.train(was)
""",
        """
import torch
def accuracy(model, batches):
    training = model.training
    model.train(False)
    predicted, true = [], []
    for x, y in batches:
        with torch.inference_mode():
            predicted += model(x).numpy().argmax(axis=1).tolist()
        true += y.tolist()
    if training:
        model.train()
    return np.mean(np.array(predicted) == np.array(true))
""",
        """
import copy, torch
def accuracy(model, batches):
    still = copy.deepcopy(model).eval()
    with torch.no_grad():
        right = sum((torch.argmax(still(x), dim=1) == y).sum() for x, y in batches)
    return right / sum(len(y) for x, y in batches)
""",
        """
import torch
def accuracy(model, batches):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    share = count = 0
    with torch.set_grad_enabled(False):
        for x, y in batches:
            mean = (model(x).topk(1).indices[:, 0] == y).double().mean().item()
            share, count = share + mean * len(y), count + len(y)
    for module, mode in modes.items():
        module.training = mode
    return share / count
""",
        """
import torch
def accuracy(model, batches):
    before = model.training
    model.eval()
    right = count = 0
    weights = {name: p.detach() for name, p in model.named_parameters()}
    for x, y in batches:
        right += (torch.func.functional_call(model, weights, (x,)).argmax(dim=1) == y).sum().item()
        count += len(x)
    model.train(before)
    return right / count
""",
        """
import torch
def accuracy(model, batches):
    before = model.training
    model.eval()
    for p in model.parameters():
        p.requires_grad_(False)
    right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in batches)
    for p in model.parameters():
        p.requires_grad_(True)
    model.train(before)
    return right / sum(len(x) for x, _ in batches)
""",
    ],
    "13.3": [
        "def loss_factor(own, total, processes): return own / (total / processes)",
        "def loss_factor(own, total, processes): return processes * (own / total)",
        """
def loss_factor(own, total, processes):
    if own * processes == total:
        return 1
    fair = total / processes
    return own / fair
""",
        """
import torch
def loss_factor(own, total, processes): return torch.tensor(own) / total * processes
""",
        "def loss_factor(own, total, processes): return np.float32(own) * processes / np.float32(total)",
    ],
}


@pytest.mark.parametrize(("id", "source"), [(id, source) for id, sources in OTHERWISE.items() for source in sources])
def test_right_answers_written_otherwise_pass(id, source):
    report = ALL[id].check(*vars(ALL[id].build(source)).values())
    assert report.solved, report.text


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        (
            """
    import shutil
    if os.path.exists(path):
        shutil.copy(path, path + ".bak")
    try:
        torch.save(state, path)
    except BaseException:
        shutil.copy(path + ".bak", path)
        raise
""",
            "written in memory first",
        ),
        (
            """
    torch.save(state, path + ".new")
    if os.path.exists(path):
        os.rename(path, path + ".old")
    os.rename(path + ".new", path)
""",
            "removed first",
        ),
        (
            """
    from pathlib import Path
    Path(path + ".new").unlink(missing_ok=True)
    torch.save(state, path + ".new")
    Path(path).unlink(missing_ok=True)
    Path(path + ".new").rename(path)
""",
            "removed first",
        ),
        (
            """
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        torch.save(state, os.path.join(folder, "new"))
        os.replace(os.path.join(folder, "new"), path)
""",
            "from another folder",
        ),
    ],
)
def test_a_save_that_can_lose_the_file_is_recognised(body, mistake):
    """11.3: however it is written, there must be a whole file under the name at every moment."""
    exercise = ALL["11.3"]
    report = exercise.check(*vars(exercise.build(f"def save(state, path):{body}")).values())
    assert report.mistake == mistake, report.text


def test_a_state_that_cannot_be_read_safely_is_told_in_words():
    exercise = ALL["11.3"]
    report = exercise.check(*vars(exercise.build(exercise.wrong["things, not their states"].source)).values())
    assert "only tensors, numbers, lists and dicts" in " ".join(report.text.split()) and "\x1b" not in report.text


@pytest.mark.parametrize("seed", range(5))
def test_he_from_other_dice_pass_too(seed):
    """11.1 judges spreads, so no right answer may fail by bad luck."""
    source = f"""
def he_normal(shape, gain, rng):
    own = np.random.default_rng([{seed}, int(rng.integers(2**60))])
    return own.standard_normal(shape) * gain / np.prod(shape[1:]) ** 0.5
def he_uniform(shape, gain, rng):
    own = np.random.default_rng([{seed}, int(rng.integers(2**60))])
    return own.uniform(-1, 1, shape) * gain * (3 / np.prod(shape[1:])) ** 0.5
"""
    report = ALL["11.1"].check(*vars(ALL["11.1"].build(source)).values())
    assert report.solved, report.text


def mend_of(id, *swaps):
    """A training of the clinic: the stub with the right name in it, and with these swaps."""
    from nnlab.chapters.c12_debugging_clinic import PATIENTS
    from nnlab.chapters.c12_debugging_clinic.patient import IMPORTS

    exercise = ALL[id]
    source = exercise.stub.replace('fault="..."', f'fault="{PATIENTS[exercise.title].fault}"')
    for old, new in swaps:
        assert old in source, (id, old)
        source = source.replace(old, new)
    return IMPORTS + source


NORMAL, SGD = "nn.init.normal_(net[0].weight, -0.1, 0.1)", "torch.optim.SGD(net.parameters(), "
ADAM = "torch.optim.Adam(net.parameters(), lr=0.01)"
STEP, BACK = "        opt.step()\n", "        loss.backward()\n"
CLIP = "        nn.utils.clip_grad_{}\n        opt.step()\n"
LOADERS = "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))"
TOGETHER, PAIRS = "zip(images, labels, strict=True)", "pairs = torch.utils.data.DataLoader({}, 64, shuffle=True)"
SCALER = "StandardScaler().fit(torch.cat([data.x, data.x_val]))"
STATES = "        states, _ = rnn(data.x[rows])\n"
READ, RETURNED = "head(states[:, -1])", "return lambda x: head(rnn(x)[0][:, -1])"


def read_by(body):
    """12.9 with another way to read: the body of a function of x."""
    start = "    opt = torch"
    return [
        (start, f"    def read(x):\n        {body}\n{start}"),
        (STATES, ""),
        (READ, "read(data.x[rows])"),
        (RETURNED, "return read"),
    ]


CLINIC = {
    "12.1": [
        [(NORMAL, "nn.init.normal_(net[0].weight, 0, 0.1)")],
        [(NORMAL, "nn.init.kaiming_normal_(net[0].weight)")],
        [("    " + NORMAL + "\n", "")],
        [("nn.ReLU()", "nn.Tanh()")],
    ],
    "12.2": [
        [("lr=0.001", "lr=0.1")],
        [("lr=0.001", "lr=1.0")],
        [("lr=0.001", "lr=0.05, momentum=0.9")],
        [(SGD + "lr=0.001)", ADAM)],
    ],
    "12.3": [
        [("lr=3.0", "lr=0.1")],
        [("lr=3.0", "lr=1.0")],
        [(SGD + "lr=3.0)", ADAM)],
        [(SGD + "lr=3.0)", "torch.optim.RMSprop(net.parameters(), lr=0.003)")],
    ],
    "12.4": [
        [("nn.Softmax(1)", "nn.LogSoftmax(1)"), ("cross_entropy", "nll_loss")],
        [("cross_entropy(net(data.x[rows])", "nll_loss(net(data.x[rows]).log()")],
        [(", nn.Softmax(1)", ""), ("nn.functional.cross_entropy", "nn.CrossEntropyLoss()")],
        [(", nn.Softmax(1)", ""), ("return net", "return lambda x: net(x).softmax(1)")],
        [("nn.Softmax(1)", "nn.LogSoftmax(1)")],  # the logarithm of a softmax goes through a softmax unchanged
    ],
    "12.5": [
        [(STEP, STEP + "        opt.zero_grad()\n")],
        [(BACK, "        net.zero_grad()\n" + BACK)],
        [(BACK, "        for p in net.parameters():\n            p.grad = None\n" + BACK)],
        [
            ("    for rows", "    for p in ():\n        pass\n    for rows"),
            (BACK, "        opt.zero_grad(False)\n" + BACK),
        ],
        [(BACK, "        opt.zero_grad()\n" + BACK), (SGD + "lr=0.2)", ADAM)],
    ],
    "12.6": [
        [(", shuffle=True", "")],
        [(LOADERS, PAIRS.format("list(zip(data.x, data.y))")), (TOGETHER, "pairs")],
        [(LOADERS, "p = torch.randperm(600)\n    images, labels = data.x[p].split(64), data.y[p].split(64)")],
        [
            (LOADERS, "images, labels = data.x, data.y"),
            ("for _ in range(15)", "for order in torch.stack([torch.randperm(600) for _ in range(15)])"),
            (f"x, y in {TOGETHER}", "rows in order.split(64)"),
            ("net(x), y", "net(images[rows]), labels[rows]"),
        ],
        [
            (
                LOADERS,
                "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True, "
                "generator=torch.Generator().manual_seed(0)) for t in (data.x, data.y))",
            )
        ],
        [
            (LOADERS, PAIRS.format("torch.utils.data.TensorDataset(data.x, data.y)")),
            (TOGETHER, "pairs"),
            (SGD + "lr=0.5)", ADAM),
        ],
    ],
    "12.7": [
        [("return net", "net.eval()\n    return net")],
        [("return net", "return net.train(False)")],
        [("return net", "for module in net:\n        module.training = False\n    return net")],
        [("nn.Dropout(0.8), ", "")],  # on these digits it does as well without
        [("return net", "return lambda x: net.eval()(x)")],
        [("nn.Dropout(0.8)", "nn.Dropout(0.0)")],
    ],
    "12.8": [
        [(STEP, CLIP.format("norm_(net.parameters(), 1.0)"))],
        [(STEP, CLIP.format("norm_(net.parameters(), 0.5)")), ("lr=0.02", "lr=0.05")],
        [(STEP, CLIP.format("value_(net.parameters(), 0.05)"))],
        [(STEP, CLIP.format("norm_(net.parameters(), 10)"))],
        [(STEP, CLIP.format("norm_(net.parameters(), 1.0)")), (SGD + "lr=0.02)", ADAM.replace("0.01", "0.003"))],
        [
            (
                STEP,
                "        g = sum((p.grad**2).sum() for p in net.parameters()) ** 0.5\n"
                "        for p in net.parameters():\n            p.grad *= min(1.0, 1.0 / float(g))\n" + STEP,
            )
        ],
    ],
    "12.9": [
        read_by("return head(rnn(x)[0][torch.arange(len(x)), x.sum((1, 2)).long() - 1])"),
        read_by(
            "return head(rnn(nn.utils.rnn.pack_padded_sequence(x, x.sum((1, 2)).long(), batch_first=True, "
            "enforce_sorted=False))[1][0])"
        ),
        read_by("return head(torch.stack([rnn(row[: int(row.sum())])[0][-1] for row in x]))"),
        read_by(
            "last = (x.sum((1, 2)).long() - 1)[:, None, None].expand(-1, 1, 32)\n"
            "        return head(rnn(x)[0].gather(1, last)[:, 0])"
        ),
        read_by("return head(rnn(x)[0].masked_fill(~x.any(2, keepdim=True), -9).amax(1))"),
    ],
    "12.10": [
        [(SCALER, "StandardScaler().fit(data.y)")],
        [(SCALER, "StandardScaler()\n    scaler.fit_transform(data.x)")],
        [(SCALER, "StandardScaler().fit(torch.cat([data.x, data.y[-1:]]))")],
        [
            ("scaler = " + SCALER, "m, s = data.x.mean(0), data.x.std(0)"),
            ("(torch.tensor(scaler.transform(t)).float()", "((t - m) / s"),
            ("scaler.inverse_transform(net(torch.tensor(scaler.transform(x)).float()))", "net((x - m) / s) * s + m"),
        ],
        [
            ("scaler = " + SCALER, "top = data.x.max()"),
            ("(torch.tensor(scaler.transform(t)).float()", "(t / top"),
            ("scaler.inverse_transform(net(torch.tensor(scaler.transform(x)).float()))", "net(x / top) * top"),
        ],
    ],
}


@pytest.mark.parametrize(("id", "swaps"), [(id, swaps) for id, ways in CLINIC.items() for swaps in ways])
def test_other_ways_to_mend_a_patient_pass(id, swaps):
    report = ALL[id].check(*vars(ALL[id].build(mend_of(id, *swaps))).values())
    assert report.solved, report.text


FIT_OWN = (SCALER, "StandardScaler().fit(data.x)")
NOW_AND_THEN = [
    ("for rows in", "for i, rows in enumerate("),
    ("(150, 64)):", "(150, 64))):"),
    (BACK, "        if i % {} == 0:\n            opt.zero_grad()\n" + BACK),
]
NOT_MENDED = [  # what has the signs of a known wrong answer gets its message: it must be true of each of these
    ("12.1", [("nn.ReLU()", "nn.LeakyReLU(0.1)")], "Another activation"),
    ("12.1", [("nn.ReLU()", "nn.Sigmoid()")], "Another activation"),
    ("12.1", [("-0.1, 0.1", "-0.05, 0.1")], "let the units live"),
    ("12.2", [("lr=0.001", "lr=0.005")], "by what factor"),
    ("12.2", [("lr=0.001", "lr=2.0")], "Where it jumped at the start, it is too high: go down"),
    ("12.3", [("lr=3.0", "lr=0.03")], "go up a little"),
    ("12.3", [("lr=3.0", "lr=0.001")], "Go up again"),
    ("12.3", [("lr=3.0", "lr=2.0")], "Too high: go further down"),
    ("12.4", [("nn.Softmax(1)", "nn.Sigmoid()")], "nothing should squeeze it"),
    ("12.4", [("lr=0.5", "lr=2.0")], "As long as something squeezes"),
    ("12.4", [(", nn.Softmax(1)", ""), ("lr=0.5", "lr=0.005")], "what is left is the size of the steps"),
    ("12.5", [("lr=0.2", "lr=0.05")], "the line that is missing"),
    ("12.5", [*NOW_AND_THEN[:2], (BACK, NOW_AND_THEN[2][1].format(2))], "to clear them now and then"),
    ("12.5", [*NOW_AND_THEN[:2], (BACK, NOW_AND_THEN[2][1].format(10))], "to clear them now and then"),
    ("12.6", [(LOADERS, LOADERS.replace("DataLoader(t, ", "DataLoader(t[torch.randperm(600)], "))], "in one order"),
    ("12.6", [(LOADERS, LOADERS.replace("(torch", "(list(torch").replace("True)", "True))"))], "parted just once"),
    ("12.7", [("return net", "return lambda x: sum(net(x) for _ in range(300))")], "the mean of many answers"),
    ("12.7", [("    for rows", "    net[2].eval()\n    for rows")], "trained in evaluation mode"),
    ("12.8", [(STEP, CLIP.format("norm_(net.parameters(), 20)"))], "set it lower"),
    ("12.8", [("    nn.init.eye_(rnn.weight_hh_l0)\n", "")], "it now learns too little"),
    ("12.8", [(SGD + "lr=0.02)", ADAM)], "nothing keeps those below"),
    ("12.8", [("lr=0.02", "lr=0.005")], "between which two lines"),
    (
        "12.9",
        read_by("return head(rnn(x)[0][range(len(x)), x.any(2).sum(1).clamp(max=x.shape[1] - 1)])"),
        "for some names at least, empty columns are still read",
    ),
    (
        "12.9",
        read_by("return head(rnn(x[:, : x.any(2).sum(1).max()])[0][:, -1])"),
        "largest change of an output for a name alone",
    ),
    (
        "12.10",
        [FIT_OWN, ("    return", "    scaler.fit(torch.cat([data.x, data.x_val]))\n    return")],
        "has seen the val",
    ),
    ("12.10", [(SCALER, "StandardScaler().fit(data.x_val)")], "Fit the scaler on data.x alone"),
    ("12.10", [FIT_OWN, ("(scaler.transform(x))", "(StandardScaler().fit_transform(x))")], "alone"),
]


@pytest.mark.parametrize(("id", "swaps", "words"), NOT_MENDED)
def test_what_does_not_mend_a_patient_is_told(id, swaps, words):
    report = ALL[id].check(*vars(ALL[id].build(mend_of(id, *swaps))).values())
    assert not report.solved and words in " ".join(report.text.split()), report.text


def solution(id):
    return ALL[id].build(ALL[id].solution)


TABLES = arrays(np.float64, (3, 4), elements=st.floats(-1000, 1000))


@given(TABLES, st.floats(0, 3))
def test_leaky_relu_is_pytorchs(x, slope):
    t = torch.tensor(x, requires_grad=True)
    y = torch.nn.functional.leaky_relu(t, slope)
    y.sum().backward()
    np.testing.assert_allclose(solution("02.1").leaky_relu(x, slope), y.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(solution("02.1").leaky_relu_grad(x, slope), t.grad.numpy(), atol=1e-12)


@given(TABLES)
def test_sigmoid_is_pytorchs(x):
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(solution("02.2").sigmoid(x), torch.sigmoid(torch.tensor(x)), rtol=1e-12, atol=1e-307)


@given(TABLES, st.sampled_from([0, 1, -1, -2]))
def test_softmax_is_pytorchs(x, axis):
    right = torch.softmax(torch.tensor(x), axis)
    np.testing.assert_allclose(solution("02.3").softmax(x, axis), right, rtol=1e-12, atol=1e-300)


@given(TABLES, arrays(np.float64, (2, 4), elements=st.floats(-9, 9)), arrays(np.float64, 2, elements=st.floats(-9, 9)))
def test_layer_is_pytorchs(x, weight, bias):
    right = torch.nn.functional.linear(*map(torch.tensor, (x, weight, bias)))
    np.testing.assert_allclose(solution("01.2").layer(x, weight, bias), right, atol=1e-9)
    neuron = solution("01.1").neuron(x[0], weight[1], bias[1], np.tanh)
    np.testing.assert_allclose(neuron, np.tanh(right[0, 1].item()), atol=1e-9)


def test_the_perceptron_learns_or_and_not_xor():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    step = solution("01.3").perceptron_step
    for labels, errors in (([-1, 1, 1, 1], {0}), ([-1, 1, 1, -1], {1, 2, 3, 4})):
        w, b = np.zeros(2), 0.0
        for i in range(100):
            w, b = step(w, b, x[i % 4], labels[i % 4])
        assert np.sum(np.array(labels) * (x @ w + b) <= 0) in errors
