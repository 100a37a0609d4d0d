"""Exercise 12.4: right but never sure."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.4",
    "right but never sure",
    hints=[
        "How small can this loss get at best, and what do the outputs of one row add up to?",
        "cross_entropy(z, y) = -log softmax(z)[y]: it takes logits and does the softmax itself. Fed with "
        "probabilities p it can reach log(e + 9) - 1 = 1.46 at best, at p = (1, 0, ..., 0).",
        "net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)___)",
    ],
    wrong_names={
        "learning rate too low": "update / weight is above 1e-2 in most steps: they are long enough. And with more "
        "of them the loss stops at 1.46. Something keeps it there.",
        "labels shuffled against inputs": "Then new digits would be right one time in ten. Here more than half "
        "are: rows and labels belong together.",
    },
    named_only="The name is right. Softmax should happen once, and cross_entropy does it: is there a second one? If "
    "there is none, what is left is the size of the steps.",
    hidden={
        "still squeezed": (
            [("lr=0.5", "lr=5.0")],
            "The digits are right, but the loss is not down. As long as something squeezes what cross_entropy gets "
            "into a narrow range it has a floor, of 1.46 for numbers from 0 to 1. No rate gets below it.",
        ),
        "squeezed differently": (
            [("nn.Softmax(1)", "nn.Tanh()")],
            "The digits are right, but neither loss is down. What cross_entropy gets must be free to be large: "
            "nothing should squeeze it, be it Softmax or something else. If nothing does, the steps are too short.",
        ),
        "noted differently": (
            [("panel.note(loss)", "panel.note(0.1 * loss)")],
            "The noted loss looks fine, but on new digits the cross entropy of what you return does not. Note the "
            "loss as it is: only the training should bring it down.",
        ),
    },
    also_right=[
        [("nn.Softmax(1)", "nn.LogSoftmax(1)"), ("cross_entropy", "nll_loss")],
        [("cross_entropy(net(data.x[rows])", "nll_loss(net(data.x[rows]).log()")],
        [(", nn.Softmax(1)", ""), ("nn.functional.cross_entropy", "nn.CrossEntropyLoss()")],
        [(", nn.Softmax(1)", ""), ("return net", "return lambda x: net(x).softmax(1)")],
        [("nn.Softmax(1)", "nn.LogSoftmax(1)")],
    ],
)
