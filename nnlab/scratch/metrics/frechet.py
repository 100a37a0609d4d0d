"""How far two clouds of features lie apart, each taken for a Gaussian."""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array, as_float, need_axes


def frechet_distance(a: Array, b: Array) -> float:
    """|mu_a - mu_b|^2 + trace(S_a + S_b - 2 (S_a S_b)^(1/2)), with the rows' means mu and covariances S.

    a: (N, F), b: (M, F), features of two sets of pictures, say. 0 for equal means and covariances. Estimated from few
    rows it comes out too large, since both covariances are noisy: compare only equal numbers of rows.

    The trace of the root is that of (R S_b R)^(1/2) with R = S_a^(1/2), which is symmetric: the roots of its
    eigenvalues are added up. Raises ValueError for other shapes, fewer than two rows or numbers that are not finite.
    Source: Dowson and Landau 1982; Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule" (FID).
    """
    a, b = as_float(a, "a").astype(np.float64), as_float(b, "b").astype(np.float64)
    for x, name in ((a, "a"), (b, "b")):
        need_axes(x, "rows features", name)
        if len(x) < 2 or x.shape[1] == 0:
            raise ValueError(
                f"{name} should have at least two rows, since a covariance needs them, and a feature; got {x.shape}."
            )
        if not np.isfinite(x).all():
            raise ValueError(f"{name} should be finite; it holds NaN or infinity.")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a and b should have the same features, got {a.shape[1]} and {b.shape[1]}.")
    s_a, s_b = (np.cov(x, rowvar=False).reshape(x.shape[1], -1) for x in (a, b))
    values, vectors = np.linalg.eigh(s_a)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T  # rounding makes zeros slightly negative
    inner = np.linalg.eigvalsh(root @ s_b @ root)
    gap = a.mean(axis=0) - b.mean(axis=0)
    distance = gap @ gap + np.trace(s_a) + np.trace(s_b) - 2 * np.sqrt(np.maximum(inner, 0)).sum()
    return max(float(distance), 0.0)  # rounding takes equal clouds slightly below
