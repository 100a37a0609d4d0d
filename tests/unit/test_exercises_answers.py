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
    ],
}


@pytest.mark.parametrize(("id", "source"), [(id, source) for id, sources in OTHERWISE.items() for source in sources])
def test_right_answers_written_otherwise_pass(id, source):
    report = ALL[id].check(*vars(ALL[id].build(source)).values())
    assert report.solved, report.text


def mend_of(id, *swaps):
    """A training of the clinic: the stub with the right name in it, and with these swaps."""
    from nnlab.clinic import PATIENTS
    from nnlab.clinic.patient import IMPORTS

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
OWN_SHUFFLE = "x, y = (t[torch.randperm(len(t))] for t in (data.x, data.y))"
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
        [(OWN_SHUFFLE, "x, y = data.x, data.y")],
        [(OWN_SHUFFLE, "p = torch.randperm(600)\n    x, y = data.x[p], data.y[p]")],
        [
            (
                OWN_SHUFFLE,
                "x, y = zip(*[(data.x[i], data.y[i]) for i in torch.randperm(600)])"
                "\n    x, y = torch.stack(x), torch.stack(y)",
            )
        ],
        [
            (
                OWN_SHUFFLE,
                "s = torch.initial_seed()\n    x, y = (t[torch.randperm(600, generator=torch.Generator()"
                ".manual_seed(s))] for t in (data.x, data.y))",
            )
        ],
    ],
    "12.7": [
        [("return net", "net.eval()\n    return net")],
        [("return net", "return net.train(False)")],
        [("return net", "for module in net:\n        module.training = False\n    return net")],
        [("nn.Dropout(0.8), ", "")],  # on these digits it does as well without
        [("return net", "return lambda x: net.eval()(x)")],
    ],
    "12.8": [
        [(STEP, CLIP.format("norm_(net.parameters(), 1.0)"))],
        [(STEP, CLIP.format("norm_(net.parameters(), 0.5)")), ("lr=0.02", "lr=0.05")],
        [(STEP, CLIP.format("value_(net.parameters(), 0.05)"))],
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
