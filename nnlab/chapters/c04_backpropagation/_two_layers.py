"""Chapter 04: the inputs, weights and upstream gradient of a network of two layers, for its exercises."""

import numpy as np

_rng = np.random.default_rng(4)
X, W1, W2, DY = (_rng.normal(size=shape).round(2) for shape in ((4, 3), (5, 3), (2, 5), (4, 2)))
