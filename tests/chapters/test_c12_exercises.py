"""Chapter 12: what fixes a patient only in part earns a message that is true of it."""

import pytest

from nnlab.chapters.c12_debugging_clinic import PATIENTS
from nnlab.chapters.c12_debugging_clinic.ex9_long_name import reading_with
from nnlab.chapters.c12_debugging_clinic.patient_exercise import run_source
from nnlab.exercises import ALL

SGD = "torch.optim.SGD(net.parameters(), "
ADAM = "torch.optim.Adam(net.parameters(), lr=0.01)"
STEP, BACK = "        opt.step()\n", "        loss.backward()\n"
CLIP = "        nn.utils.clip_grad_{}\n        opt.step()\n"
LOADERS = "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))"
SCALER = "StandardScaler().fit(torch.cat([data.x, data.x_val]))"
FIT_OWN = (SCALER, "StandardScaler().fit(data.x)")
NOW_AND_THEN = [
    ("for rows in", "for i, rows in enumerate("),
    ("(150, 64)):", "(150, 64))):"),
    (BACK, "        if i % {} == 0:\n            opt.zero_grad()\n" + BACK),
]
NOT_FIXED = [  # what has the signs of a known wrong answer gets its message: it must be true of each of these
    ("12.1", [("nn.ReLU()", "nn.LeakyReLU(0.1)")], "A different activation"),
    ("12.1", [("nn.ReLU()", "nn.Sigmoid()")], "A different activation"),
    ("12.1", [("-0.1, 0.1", "-0.05, 0.1")], "let the units live"),
    ("12.2", [("lr=0.001", "lr=0.005")], "by what factor"),
    ("12.2", [("lr=0.001", "lr=2.0")], "Where it jumped at the start, it is too high: go down"),
    ("12.3", [("lr=3.0", "lr=0.03")], "go up a little"),
    ("12.3", [("lr=3.0", "lr=0.001")], "Go up again"),
    ("12.3", [("lr=3.0", "lr=2.0")], "Too high: go further down"),
    ("12.4", [("nn.Softmax(1)", "nn.Sigmoid()")], "nothing should squeeze it"),
    ("12.4", [("lr=0.5", "lr=2.0")], "As long as something squeezes"),
    ("12.4", [(", nn.Softmax(1)", ""), ("lr=0.5", "lr=0.005")], "what is left is the size of the steps"),
    ("12.5", [("lr=0.2", "lr=0.05")], "the line that is missing"),
    ("12.5", [*NOW_AND_THEN[:2], (BACK, NOW_AND_THEN[2][1].format(2))], "to clear them now and then"),
    ("12.5", [*NOW_AND_THEN[:2], (BACK, NOW_AND_THEN[2][1].format(10))], "to clear them now and then"),
    (
        "12.6",
        [(LOADERS, LOADERS.replace("DataLoader(t, ", "DataLoader(t[torch.randperm(600)], "))],
        "in the same order",
    ),
    ("12.6", [(LOADERS, LOADERS.replace("(torch", "(list(torch").replace("True)", "True))"))], "separated only once"),
    ("12.7", [("return net", "return lambda x: sum(net(x) for _ in range(300))")], "the mean of many answers"),
    ("12.7", [("    for rows", "    net[2].eval()\n    for rows")], "trained in evaluation mode"),
    ("12.8", [(STEP, CLIP.format("norm_(net.parameters(), 20)"))], "set it lower"),
    ("12.8", [("    nn.init.eye_(rnn.weight_hh_l0)\n", "")], "it now learns too little"),
    ("12.8", [(SGD + "lr=0.02)", ADAM)], "nothing limits those"),
    ("12.8", [("lr=0.02", "lr=0.005")], "between which two lines"),
    (
        "12.9",
        reading_with("return head(rnn(x)[0][range(len(x)), x.any(2).sum(1).clamp(max=x.shape[1] - 1)])"),
        "for some names at least, empty columns are still read",
    ),
    (
        "12.9",
        reading_with("return head(rnn(x[:, : x.any(2).sum(1).max()])[0][:, -1])"),
        "largest change of an output for a name alone",
    ),
    (
        "12.10",
        [FIT_OWN, ("    return", "    scaler.fit(torch.cat([data.x, data.x_val]))\n    return")],
        "has seen the val",
    ),
    ("12.10", [(SCALER, "StandardScaler().fit(data.x_val)")], "Fit the scaler on data.x only"),
    ("12.10", [FIT_OWN, ("(scaler.transform(x))", "(StandardScaler().fit_transform(x))")], "change for a day alone"),
]


@pytest.mark.parametrize(("id", "swaps", "words"), NOT_FIXED)
def test_what_does_not_fix_a_patient_earns_a_true_message(id, swaps, words):
    exercise = ALL[id]
    source = run_source(exercise.title, PATIENTS[exercise.title].fault, *swaps)
    report = exercise.check(*vars(exercise.build(source)).values())
    assert not report.solved and words in " ".join(report.text.split()), report.text
