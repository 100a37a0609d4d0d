"""Exercise 12.1: stuck at 2.3."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.1",
    "stuck at 2.3",
    hints=[
        "Which instrument shows exactly 0, and can a gradient pass there? Which arguments does nn.init.normal_ take?",
        "normal_(w, mean, std): 64 brightnesses of 0.3 on average, times -0.1 each, give -0.1 · 64 · 0.3 = -2. "
        "relu(-2) = 0 for every row, and its derivative is 0 too.",
        "nn.init.normal_(net[0].weight, ___, 0.1)   or   nn.init.uniform_(net[0].weight, ___, ___)",
    ],
    wrong_names={
        "learning rate too low": "With a small rate every layer would creep. Here the gradient of the first layer "
        "is exactly 0: no rate helps where there is nothing to multiply. Look at the share of dead units.",
        "vanishing gradients": "A gradient that vanishes gets small over many layers, and is never exactly 0. Here "
        "there are two layers, and the first one's gradient is 0. Look at the units between them.",
    },
    named_only="The name is right. Now let the units live: what do the arguments of nn.init.normal_ mean?",
    hidden={
        "a different activation": (
            [("nn.ReLU()", "nn.LeakyReLU()")],
            "Fewer units give 0 for every row now, yet the loss is not down. A different activation lets a little "
            "through where ReLU lets nothing. But with weights of a mean below 0 the units stand on its flat side.",
        ),
        "a mean above 0": (
            [("normal_(net[0].weight, -0.1, 0.1)", "normal_(net[0].weight, 0.1, 0.1)")],
            "It learns. But at the end more than half of the units are dead: the others do all the work. Draw "
            "the weights around 0, different ones, and most units live.",
        ),
    },
    also_right=[
        [("nn.init.normal_(net[0].weight, -0.1, 0.1)", "nn.init.normal_(net[0].weight, 0, 0.1)")],
        [("nn.init.normal_(net[0].weight, -0.1, 0.1)", "nn.init.kaiming_normal_(net[0].weight)")],
        [("    nn.init.normal_(net[0].weight, -0.1, 0.1)\n", "")],
        [("nn.ReLU()", "nn.Tanh()")],
    ],
)
