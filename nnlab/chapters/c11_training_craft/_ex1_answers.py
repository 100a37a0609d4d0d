"""Exercise 11.1: known wrong answers, and right answers written differently."""

from nnlab.exercises.exercise import Wrong

WRONG: dict[str, Wrong] = {
    "fan_out": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[0]), shape)",
        "You counted the outputs. What adds up in one output are its inputs: fan_in, shape[1] of a matrix.",
    ),
    "variance": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, gain**2 / np.prod(shape[1:]), shape)",
        "gain² / fan_in is the variance. rng.normal wants the standard deviation, its square root.",
    ),
    "uniform for normal": Wrong(
        """
        def he_normal(shape, gain, rng):
            bound = gain * np.sqrt(3 / np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "The standard deviation is right, but these are uniform numbers. he_normal should draw normal ones.",
    ),
    "channels only": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[1]), shape)",
        "For a convolution shape[1] counts only the channels. One output adds up height x width pixels of each.",
    ),
    "all axes": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(np.prod(shape)), shape)",
        "The product of all axes counts every weight of the layer. One output sees a share of them: leave out "
        "the first axis.",
    ),
    "last axis": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, gain / np.sqrt(shape[-1]), shape)",
        "The last axis is right for a matrix. For a convolution it is only the width of the kernel.",
    ),
    "square kernels": Wrong(
        """
        def he_normal(shape, gain, rng):
            fan_in = shape[1] * (shape[2] ** 2 if len(shape) == 4 else 1)
            return rng.normal(0, gain / np.sqrt(fan_in), shape)
        """,
        "You took the kernel's height twice. Height and width may differ: multiply all axes but the first.",
    ),
    "Xavier": Wrong(
        """
        def he_normal(shape, gain, rng):
            return rng.normal(0, gain * np.sqrt(2 / (np.prod(shape[1:]) + shape[0])), shape)
        """,
        "That is Xavier's rule, a compromise between inputs and outputs. He's looks only at the inputs.",
    ),
    "gain forgotten": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)",
        "The gain has no effect. It multiplies the standard deviation.",
    ),
    "gain always ReLU's": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)",
        "You wrote ReLU's gain, √2, into the formula. Take the gain that is passed in.",
    ),
    "gain under the root": Wrong(
        "def he_normal(shape, gain, rng): return rng.normal(0, np.sqrt(gain / np.prod(shape[1:])), shape)",
        "Under the root the gain must be squared, or put it in front of the root.",
    ),
    "its own generator": Wrong(
        """
        def he_normal(shape, gain, rng):
            return np.random.default_rng(0).normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
        """,
        "You made a generator of your own, so all layers of one shape get the same weights. Draw from rng.",
    ),
    "global generator": Wrong(
        """
        def he_normal(shape, gain, rng):
            return np.random.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
        """,
        "np.random draws from a generator that rng's seed does not reach. Draw from rng.",
    ),
    "bound without root of 3": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain / np.sqrt(np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "You took the standard deviation as the bound. The standard deviation of uniform numbers is bound / √3, so "
        "the bound is √3 times as large.",
    ),
    "from zero": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(12 / np.prod(shape[1:]))
            return rng.uniform(0, bound, shape)
        """,
        "The standard deviation is right, but all weights are positive. Draw between -bound and bound.",
    ),
    "uniform from 0 to bound": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / np.prod(shape[1:]))
            return rng.uniform(0, bound, shape)
        """,
        "You draw between 0 and bound: all positive, and half the standard deviation. The lower end is -bound.",
    ),
    "normal for uniform": Wrong(
        """
        def he_uniform(shape, gain, rng):
            return rng.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)
        """,
        "These are normal numbers: some lie far beyond any bound. Use rng.uniform.",
    ),
    "bound 3 instead of its root": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = 3 * gain / np.sqrt(np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "The 3 belongs under the root: bound = gain · √(3 / fan_in).",
    ),
    "uniform: fan_out": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / shape[0])
            return rng.uniform(-bound, bound, shape)
        """,
        "he_uniform counts the outputs. What adds up are the inputs: the product of shape[1:].",
    ),
    "uniform: 6 instead of 3": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(6 / np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "√6 has ReLU's gain in it, √2 · √3. The gain is passed in here, so √3 is left.",
    ),
    "uniform: gain forgotten": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = np.sqrt(3 / np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "he_uniform does not use the gain. It multiplies the bound.",
    ),
    "uniform: gain under the root": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = np.sqrt(3 * gain / np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
        "In he_uniform the gain is under the root. Put it in front: gain · √(3 / fan_in).",
    ),
    "uniform: channels only": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / shape[1])
            return rng.uniform(-bound, bound, shape)
        """,
        "he_uniform counts only the channels. For a convolution each of them has height x width pixels.",
    ),
    "uniform: square kernels": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / (shape[1] * (shape[2] ** 2 if len(shape) == 4 else 1)))
            return rng.uniform(-bound, bound, shape)
        """,
        "he_uniform takes the kernel's height twice. Multiply all axes but the first.",
    ),
    "uniform: last axis": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / shape[-1])
            return rng.uniform(-bound, bound, shape)
        """,
        "he_uniform looks only at the last axis. For a convolution that is the width of the kernel.",
    ),
    "uniform: its own generator": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / np.prod(shape[1:]))
            return np.random.default_rng(0).uniform(-bound, bound, shape)
        """,
        "he_uniform has a generator of its own: all layers of one shape get the same weights. Draw from rng.",
    ),
    "uniform: global generator": Wrong(
        """
        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / np.prod(shape[1:]))
            return np.random.uniform(-bound, bound, shape)
        """,
        "he_uniform draws from np.random, which rng's seed does not reach. Draw from rng.",
    ),
}

ALSO_RIGHT: list[str] = [
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
    def deviation(shape, gain): return gain / math.sqrt(math.prod(shape[1:]))
    def he_normal(shape, gain, rng): return rng.normal(scale=deviation(shape, gain), size=shape).astype(np.float32)
    def he_uniform(shape, gain, rng): return rng.uniform(-1, 1, shape) * deviation(shape, gain) * 3**0.5
    """,
    """
    from nnlab import scratch
    def he_normal(shape, gain, rng): return scratch.kaiming_normal(shape, gain, rng=rng)
    def he_uniform(shape, gain, rng): return scratch.kaiming_uniform(shape, gain, rng=rng)
    """,
    """
    import torch
    def he_normal(shape, gain, rng):
        generator = torch.Generator().manual_seed(int(rng.integers(2**60)))
        return torch.randn(shape, generator=generator) * gain / torch.empty(shape)[0].numel() ** 0.5
    def he_uniform(shape, gain, rng):
        generator = torch.Generator().manual_seed(int(rng.integers(2**60)))
        return (2 * torch.rand(shape, generator=generator) - 1) * gain * (3 / torch.empty(shape)[0].numel()) ** 0.5
    """,
]
