"""Exercise 12.8: into the millions."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.8",
    "into the millions",
    hints=[
        "How large is the gradient at the first step, and how often does the same matrix stand in it?",
        "The gradient goes back through 25 steps: W·W·…·W. Clipping keeps its direction and limits its norm: "
        "g ← g · min(1, max_norm / |g|).",
        "loss.backward()\nnn.utils.clip_grad_norm_(___, max_norm=___)\nopt.step()",
    ],
    wrong_names={
        "learning rate too high": "A lower rate does calm the loss, so it is a good guess. But the norm of the "
        "gradient at step 1, before any step, is already 30 to 300: no rate made it so.",
        "zero_grad missing": "opt.zero_grad() is there. And the gradient at step 1, with nothing added up yet, "
        "has a norm of 30 to 300.",
    },
    named_only="The name is right. Now limit the gradient that a step follows: between which two lines?",
    hidden={
        "shorter steps": (
            [("lr=0.02", "lr=0.001")],
            "The loss comes down. But there are still steps along gradients above 30: nothing limits those, only "
            "the steps along them are short. One batch with a worse gradient, and they are not.",
        ),
        "a loose limit": (
            [("        opt.step()", "        nn.utils.clip_grad_norm_(net.parameters(), 30)\n        opt.step()")],
            "No step goes along a gradient above 30 now, yet the loss is not down. If you clip, a step at the "
            "limit still leads too far: set it lower. If you changed the network, it now learns too little in 150 "
            "steps.",
        ),
    },
    also_right=[
        [("        opt.step()\n", "        nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n        opt.step()\n")],
        [
            ("        opt.step()\n", "        nn.utils.clip_grad_norm_(net.parameters(), 0.5)\n        opt.step()\n"),
            ("lr=0.02", "lr=0.05"),
        ],
        [("        opt.step()\n", "        nn.utils.clip_grad_value_(net.parameters(), 0.05)\n        opt.step()\n")],
        [("        opt.step()\n", "        nn.utils.clip_grad_norm_(net.parameters(), 10)\n        opt.step()\n")],
        [
            ("        opt.step()\n", "        nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n        opt.step()\n"),
            ("torch.optim.SGD(net.parameters(), lr=0.02)", "torch.optim.Adam(net.parameters(), lr=0.003)"),
        ],
        [
            (
                "        opt.step()\n",
                "        g = sum((p.grad**2).sum() for p in net.parameters()) ** 0.5\n"
                "        for p in net.parameters():\n            p.grad *= min(1.0, 1.0 / float(g))\n"
                "        opt.step()\n",
            )
        ],
    ],
)
