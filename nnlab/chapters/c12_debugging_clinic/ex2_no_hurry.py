"""Exercise 12.2: in no hurry."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.2",
    "in no hurry",
    hints=[
        "How large is each step relative to the weights, and how large is it in a healthy run?",
        "update / weight = lr · |g| / |w| for plain SGD. It reads 1.5e-4; a healthy one is 1e-3 to 1e-1.",
        "opt = torch.optim.SGD(net.parameters(), lr=___)",
    ],
    wrong_names={
        "dead ReLU": "About a tenth of the units is dead, and every layer has a gradient. The network could "
        "learn; it is hardly moved. Look at update / weight.",
        "vanishing gradients": "Both layers have gradients of ordinary size, near 0.3. It is the steps along them "
        "that are short: look at update / weight.",
    },
    named_only="The name is right. Now change the rate: by what factor is update / weight too small?",
    hidden={
        "too little or too much": (
            [("lr=0.001", "lr=0.02")],
            "update / weight is fine in most steps, yet the loss is not. Draw it. Where it falls slowly and "
            "smoothly, the rate is still too low: go up. Where it jumped at the start, it is too high: go down.",
        )
    },
    also_right=[
        [("lr=0.001", "lr=0.1")],
        [("lr=0.001", "lr=1.0")],
        [("lr=0.001", "lr=0.05, momentum=0.9")],
        [("torch.optim.SGD(net.parameters(), lr=0.001)", "torch.optim.Adam(net.parameters(), lr=0.01)")],
    ],
)
