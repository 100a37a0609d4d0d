"""Exercise 12.3: worse than guessing."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.3",
    "worse than guessing",
    hints=[
        "What fraction of its weights does a layer swap for new ones in one step?",
        "update / weight = lr · |g| / |w|. At step 1 |g| is 0.6, nothing unusual; with lr = 3 the ratio is 0.25 in "
        "one layer and 0.75 in the other.",
        "opt = torch.optim.SGD(net.parameters(), lr=___)",
    ],
    wrong_names={
        "exploding gradients": "Look at step 1: the norm of the gradient is 0.6, and later never more than about "
        "10. A gradient that explodes has 30 to 300 at step 1, and more after it. It is the step along it that is "
        "too long.",
        "zero_grad missing": "Then the first steps would be sound, and the gradient would climb step by step. "
        "Here the first step already moves the weights by a quarter of their size and more.",
    },
    named_only="The name is right. Now change the rate: update / weight should be near 1e-2 here. Too high: go "
    "further down.",
    hidden={
        "far too low": (
            [("lr=3.0", "lr=0.0001")],
            "Now it is the opposite: update / weight is below 1e-3, and the loss hardly moves. Go up again.",
        ),
        "too low": (
            [("lr=3.0", "lr=0.01")],
            "The steps are no longer too long, yet the loss is not down. Where it falls slowly and smoothly, 150 "
            "steps of this size do not lead far: go up a little.",
        ),
    },
    also_right=[
        [("lr=3.0", "lr=0.1")],
        [("lr=3.0", "lr=1.0")],
        [("torch.optim.SGD(net.parameters(), lr=3.0)", "torch.optim.Adam(net.parameters(), lr=0.01)")],
        [("torch.optim.SGD(net.parameters(), lr=3.0)", "torch.optim.RMSprop(net.parameters(), lr=0.003)")],
    ],
)
