"""Exercise 12.5: first better, then worse."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.5",
    "first better, then worse",
    hints=[
        "How does the norm of the gradient go on from step to step? Which gradients are in it?",
        "loss.backward() adds: p.grad ← p.grad + gradient of this batch. After 100 steps it is the sum of 100 "
        "gradients.",
        "for rows in ...:\n    loss = ...\n    ___\n    loss.backward()\n    opt.step()",
    ],
    wrong_names={
        "learning rate too high": "For the first steps update / weight is fine, and some 50 steps go well. If only "
        "the rate were at fault, the trouble would begin at once. See how the norm of the "
        "gradient climbs.",
        "exploding gradients": "A gradient that explodes has 30 to 300 at step 1, out of one backward pass. This "
        "one has a norm of 0.4 there; it grows by what each step adds.",
    },
    named_only="The name is right. Now add the line that is missing: what must happen before each loss.backward()?",
    hidden={
        "a smaller rate": (
            [("lr=0.2", "lr=0.01")],
            "The loss looks fine now, but the norm of the gradient still climbs: steps go along sums of old and new "
            "gradients. In a longer run the trouble comes back.",
        ),
        "clipped": (
            [("        opt.step()", "        nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n        opt.step()")],
            "The loss and the norm look fine now, but there are steps that carry an older gradient: to clip sums, "
            "or to clear them now and then, does not keep them from being sums. Clear before every backward().",
        ),
        "cleared too late": (
            [("        loss.backward()", "        loss.backward()\n        opt.zero_grad()")],
            "No step carries an older gradient now. But what does it carry? If the norm is 0, the new one was "
            "cleared as well: there must be nothing between loss.backward() and opt.step() that clears.",
        ),
    },
    also_right=[
        [("        opt.step()\n", "        opt.step()\n        opt.zero_grad()\n")],
        [("        loss.backward()\n", "        net.zero_grad()\n        loss.backward()\n")],
        [
            (
                "        loss.backward()\n",
                "        for p in net.parameters():\n            p.grad = None\n        loss.backward()\n",
            )
        ],
        [
            ("    for rows", "    for p in ():\n        pass\n    for rows"),
            ("        loss.backward()\n", "        opt.zero_grad(False)\n        loss.backward()\n"),
        ],
        [
            ("        loss.backward()\n", "        opt.zero_grad()\n        loss.backward()\n"),
            ("torch.optim.SGD(net.parameters(), lr=0.2)", "torch.optim.Adam(net.parameters(), lr=0.01)"),
        ],
    ],
)
