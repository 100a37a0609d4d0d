"""Which inputs does an answer rest on? Gradients, averages of gradients, covered parts, and Shapley's fair shares.

A map has the shape of its input: one number for each pixel, positive where it speaks for the class. Captum is the twin:
`captum.attr.Saliency`, `NoiseTunnel`, `IntegratedGradients`, `LayerGradCam`, `Occlusion`, `ShapleyValues`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.checks import (
    Array,
    as_array,
    as_float,
    need_axes,
    need_integers,
    need_number,
    need_rng,
    need_shape,
    need_size,
)

from .module import Layer, Sequential, evaluating
from .precision import wide_type

MOST_FEATURES = 16  # of which all coalitions are asked: 65,536


def logit_gradient(net: Layer, x: Array, classes: Array) -> Array:
    """d net(x)[n, classes[n]] / dx[n], of the logit and not of the loss. x: (N, ...); classes: (N,) -> like x.

    The network runs in evaluation mode, its mode comes back, and its grads are overwritten. The absolute value is the
    saliency map of Simonyan, Vedaldi and Zisserman 2014, "Deep Inside Convolutional Networks"."""
    x = as_float(x, "x")
    with evaluating(net):
        return net.backward(_of_logit(net(x), classes))


def smooth_grad(
    net: Layer, x: Array, classes: Array, *, std: float = 0.15, samples: int = 25, rng: np.random.Generator
) -> Array:
    """The mean of `logit_gradient` over `samples` copies of x with normal noise of standard deviation `std`.

    Smilkov et al. 2017, "SmoothGrad: removing noise by adding noise"."""
    x, std = as_float(x, "x"), need_number(std, "std")
    need_rng(rng)
    total = np.zeros(x.shape, wide_type(x.dtype))
    for _ in range(need_size(samples, "samples")):
        total += logit_gradient(net, x + (std * rng.normal(size=x.shape)).astype(x.dtype), classes)
    return np.asarray(total / samples, x.dtype)


def integrated_gradients(
    net: Layer, x: Array, classes: Array, *, baseline: Array | float = 0.0, steps: int = 50
) -> Array:
    """(x - baseline) times the mean gradient along the straight line from the baseline to x.

        IG_i = (x_i - b_i) 1/m sum_k df/dx_i (b + a_k (x - b)),   a_k = (k - 1/2) / m

    The middles of m = `steps` equal pieces (Captum's method="riemann_middle"). Completeness: as m grows, the sum over i
    goes to f(x) - f(b). baseline: a number, or an array like x or like one row of it.

    Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks"."""
    x = as_float(x, "x")
    b = as_float(baseline, "baseline").astype(x.dtype)
    if b.shape not in ((), x.shape, x.shape[1:]) or not np.isfinite(b).all():
        raise ValueError(
            f"baseline should be finite, one number or of shape {x.shape} or {x.shape[1:]}; got {b.shape}."
        )
    total = np.zeros(x.shape, wide_type(x.dtype))
    for k in range(need_size(steps, "steps")):
        total += logit_gradient(net, b + x.dtype.type((k + 0.5) / steps) * (x - b), classes)
    return np.asarray((x - b) * (total / steps), x.dtype)


def grad_cam(net: Sequential, x: Array, classes: Array, layer: int) -> Array:
    """Which places of a convolutional layer's maps speak for a class: relu(sum over c of w_c A_c).

        w_c = mean over places of d logit / dA_c,   A: (N, C, H, W), the output of net.layers[layer]

    -> (N, H, W): coarse, since the layer is. layer: from 0; -1 is the last. Raises ValueError where the layer's output
    has no maps, or there is no such layer.

    Selvaraju et al. 2017, "Grad-CAM"."""
    a, count = as_float(x, "x"), len(net.layers)
    if not -count <= need_size(layer, "layer", -count) < count:
        raise ValueError(f"layer should be one of the network's {count}, from 0 to {count - 1}; got {layer}.")
    front, back = net.layers[: layer % count + 1], net.layers[layer % count + 1 :]
    with evaluating(net):
        for each in front:
            a = each(a)
        need_axes(a, "N C H W", f"The output of layer {layer}")
        y = a
        for each in back:
            y = each(y)
        dy = _of_logit(y, classes)
        for each in reversed(back):
            dy = each.backward(dy)
    weight = dy.mean(axis=(2, 3), keepdims=True)
    return np.maximum((weight * a).sum(axis=1), 0)


def occlusion(
    net: Callable[[Array], Array], x: Array, classes: Array, *, size: int = 6, stride: int = 2, baseline: float = 0.0
) -> Array:
    """How much the logit falls when a square is covered; for each pixel the mean over the squares that cover it.

    x: (N, C, H, W) -> like x; all channels are covered at once. The squares of `size` pixels lie `stride` apart, and
    have to end at the edges: (H - size) and (W - size) are multiples of stride. A `Layer` is asked in evaluation mode.
    Raises ValueError otherwise.

    Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks"."""
    x = as_float(x, "x")
    need_axes(x, "N C H W")
    height, width = x.shape[2:]
    need_size(size, "size")
    need_size(stride, "stride")
    baseline = need_number(baseline, "baseline", -math.inf)
    if any(side < size or (side - size) % stride for side in (height, width)):
        raise ValueError(f"Squares of {size} that lie {stride} apart should end at the edges of {height} x {width}.")
    rows = np.arange(len(x))
    total, count = np.zeros(x.shape, wide_type(x.dtype)), np.zeros((height, width), wide_type(x.dtype))
    with evaluating(net):
        before = net(x)
        classes = _classes(classes, before)
        for top in range(0, height - size + 1, stride):
            for left in range(0, width - size + 1, stride):
                place = (..., slice(top, top + size), slice(left, left + size))
                covered = x.copy()
                covered[place] = baseline
                total[place] += (before[rows, classes] - net(covered)[rows, classes])[:, None, None, None]
                count[place] += 1
    return np.asarray(total / np.maximum(count, 1), x.dtype)


def shapley_values(f: Callable[[Array], Array], x: Array, background: Array) -> Array:
    """Shapley's shares of f(x) - mean f(background), from all 2^d coalitions of the d features.

        phi_i = sum over S without i of  |S|! (d - |S| - 1)! / d!  (v(S + i) - v(S))
        v(S) = mean over the background's rows of f(x where S, the row elsewhere)

    f: (N, d) -> (N,). x: (d,); background: (M, d) -> (d,). They add up to f(x) - mean f(background) exactly. Raises
    ValueError for more than 16 features. Lundberg and Lee 2017, "A Unified Approach to Interpreting Model Predictions";
    features are taken as if they were independent of each other."""
    x, background = _table(x, background)
    d = len(x)
    if d > MOST_FEATURES:
        raise ValueError(f"{d} features have {2**d:,} coalitions: use sampled_shapley, or at most {MOST_FEATURES}.")
    member = (np.arange(2**d)[:, None] >> np.arange(d)) & 1 == 1  # (2^d, d): row S, whether i is in it
    v = np.array([_mean(f, np.where(s, x, background)) for s in member])
    sizes = member.sum(axis=1)
    share = np.array([1 / (d * math.comb(d - 1, k)) for k in range(d)] + [0.0])  # of a coalition of k that i joins
    phi = np.zeros(d)
    for i in range(d):
        without = np.flatnonzero(~member[:, i])
        phi[i] = (share[sizes[without]] * (v[without + 2**i] - v[without])).sum()
    return phi


def sampled_shapley(
    f: Callable[[Array], Array], x: Array, background: Array, *, orders: int, rng: np.random.Generator
) -> Array:
    """`shapley_values` estimated: features join one after the other in `orders` random orders, and each is paid what it
    adds. The sum is exact, the error of a share falls with the square root of `orders`.

    Castro, Gomez and Tejada 2009, "Polynomial calculation of the Shapley value based on sampling"."""
    x, background = _table(x, background)
    need_rng(rng)
    total, start = np.zeros(len(x)), _mean(f, background.copy())
    for _ in range(need_size(orders, "orders")):
        now, before = background.copy(), start
        for i in rng.permutation(len(x)):
            now[:, i] = x[i]
            after = _mean(f, now.copy())
            total[i] += after - before
            before = after
    return total / orders


def _mean(f: Callable[[Array], Array], z: Array) -> float:
    y = as_array(f(z), "f(x)")
    if y.shape not in ((len(z),), (len(z), 1)):
        raise ValueError(f"f should give one number a row, ({len(z)},), such as one logit; got shape {y.shape}.")
    return float(y.mean())


def _of_logit(y: Array, classes: Any) -> Array:
    """The upstream gradient of one logit a row."""
    need_axes(y, "N C", "What net gives")
    dy = np.zeros_like(y)
    dy[np.arange(len(y)), _classes(classes, y)] = 1
    return dy


def _classes(classes: Any, y: Array) -> Array:
    classes = need_integers(classes, "classes", y.shape[1])
    need_shape(classes, y.shape[:1], "classes, one a row of x,")
    return classes


def _table(x: Any, background: Any) -> tuple[Array, Array]:
    x, background = as_float(x, "x"), as_float(background, "background")
    need_axes(x, "d")
    need_axes(background, "M d", "background")
    need_shape(background, (len(background), len(x)), "background")
    if not len(background):
        raise ValueError("background should have at least one row: what stands where a feature is left out.")
    return x, background
