"""Chapter 12, the debugging clinic: ten trainings that fail. Name the fault, mend it, and read the instruments."""

from __future__ import annotations

from functools import partial
from typing import Any

from nnlab.clinic import FAULTS, PATIENTS, Examined, Unreadable, examine
from nnlab.clinic.patient import IMPORTS
from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import Told

BLANK = 'panel.watch(net, opt, fault="...")  # your code: name the fault, then mend what is wrong'


class Vitals(dict[str, bool]):
    """Which signs are healthy; `text` is what the instruments say."""

    text: str = ""


def _examined(name: str, objects: Any) -> Examined:
    """The learner's training, run once for all cases of a check."""
    if not hasattr(objects, "examined"):
        patient = PATIENTS[name]
        try:
            objects.examined = examine(objects.train, patient.data, most=len(patient.before.readings))
        except Unreadable as error:
            raise Told(str(error)) from None
    return objects.examined


def _readable(name: str, objects: Any) -> str:
    return "yes" if _examined(name, objects).readings else "no"


def _named(name: str, objects: Any) -> str:
    """ "right", or the wrong name that was given."""
    fault = _examined(name, objects).fault
    if fault not in FAULTS:
        given = "says nothing yet" if fault in ("", "...") else f"is {fault!r}"
        raise Told(f"fault {given}. Write one of these names, panel.watch(net, opt, fault=...):\n{', '.join(FAULTS)}.")
    return "right" if fault == PATIENTS[name].fault else str(fault)


def _name_said(value: str) -> str:
    return "" if value == "right" else f"It is not {value}."


def _vitals(name: str, objects: Any) -> Vitals:
    patient, seen = PATIENTS[name], _examined(name, objects)
    try:
        vitals = Vitals({sign.words: sign.healthy(seen) for sign in patient.signs})
        vitals.text = "\n".join(sign.says(seen, patient.before) for sign in patient.signs)
        if seen.fault == patient.fault and all(vitals.values()) and seen.peeks:
            raise Told("It learns from the validation rows: with others in their place its losses are others.")
    except Unreadable as error:
        raise Told(str(error)) from None
    return vitals


def _source(name: str, fault: str, *swaps: tuple[str, str], mended: bool = False) -> str:
    """A patient's training with this name on its chart, mended or as it came, and with these swaps."""
    text = PATIENTS[name].mended if mended else PATIENTS[name].broken
    for old, new in (("panel.watch(net, opt)", f'panel.watch(net, opt, fault="{fault}")'), *swaps):
        if old not in text:
            raise ValueError(f"{name}: there is no {old!r} to swap.")
        text = text.replace(old, new)
    return text


def _stub(name: str) -> str:
    first, rest = PATIENTS[name].broken.replace("panel.watch(net, opt)", BLANK).split("\n", 1)
    return f'{first}\n    """The patient: {name}."""\n{rest}'


def _exercise(
    id: str,
    name: str,
    hints: list[str],
    wrong_names: dict[str, str],
    named_only: str,
    hidden: tuple[str, str, str, str] | None = None,
) -> Exercise:
    """Name the fault of this patient and mend it.

    wrong_names: a wrong diagnosis beside the right mend -> what to say. named_only: what to say where the name is right
    and nothing was mended. hidden: what (name, old, new, message) covers the symptom up.
    """
    fault = PATIENTS[name].fault
    wrong = {f"named {said}": Wrong(_source(name, said, mended=True), text) for said, text in wrong_names.items()}
    wrong["named only"] = Wrong(_source(name, fault), named_only)
    if hidden:
        title, old, new, message = hidden
        wrong[title] = Wrong(_source(name, fault, (old, new)), message)
    return Exercise(
        id=id,
        title=name,
        stub=_stub(name),
        hints=hints,
        solution=f"{IMPORTS}\n{_source(name, fault, mended=True)}",
        cases=[
            Case("the instruments can read it", partial(_readable, name), expected="yes", reads=lambda _: ""),
            Case("the fault is named", partial(_named, name), expected="right", reads=_name_said),
            Case(
                "the training is mended",
                partial(_vitals, name),
                expected={sign.words: True for sign in PATIENTS[name].signs},
                hint=2,
                reads=lambda vitals: vitals.text,
            ),
        ],
        wrong=wrong,
        seconds=30,
    )


EXERCISES = [
    _exercise(
        "12.1",
        "stuck at 2.3",
        hints=[
            "Which instrument shows exactly 0, and can a gradient pass there? What does nn.init.normal_ want to be "
            "told?",
            "normal_(w, mean, std): 64 brightnesses of 0.3 on average, times -0.1 each, give -0.1 · 64 · 0.3 = -2. "
            "relu(-2) = 0 for every row, and its derivative is 0 too.",
            "nn.init.normal_(net[0].weight, ___, 0.1)   or   nn.init.uniform_(net[0].weight, ___, ___)",
        ],
        wrong_names={
            "learning rate too low": "With a small rate every layer would creep. Here the gradient of the first layer "
            "is exactly 0: no rate helps where there is nothing to multiply. Look at the share of dead units.",
            "softmax twice": "Softmax twice holds the loss above 1.46, but digits come out right all the same. Here "
            "all rows get one answer, for no unit of the hidden layer says anything.",
        },
        named_only="The name is right. Now let the units live: what do the arguments of nn.init.normal_ mean?",
        hidden=(
            "leaky",
            "nn.ReLU()",
            "nn.LeakyReLU()",
            "No unit is 0 now, but all of them still stand on the flat side, where LeakyReLU lets through a hundredth "
            "of the gradient. What pushed them there is the mean of the weights.",
        ),
    ),
    _exercise(
        "12.2",
        "in no hurry",
        hints=[
            "How large is each step beside the weights, and how large is it in a healthy training?",
            "update / weight = lr · |g| / |w| for plain SGD. It reads 1.5e-4; a healthy one is 1e-3 to 1e-1.",
            "opt = torch.optim.SGD(net.parameters(), lr=___)",
        ],
        wrong_names={
            "dead ReLU": "About a tenth of the units is dead, and every layer has a gradient. The network could "
            "learn; it is hardly moved. Look at update / weight.",
            "softmax twice": "Then a step would still be a step. Here update / weight is about 1e-4: in 150 steps the "
            "weights hardly change, whatever the loss.",
        },
        named_only="The name is right. Now change the rate: by what factor is update / weight too small?",
        hidden=(
            "a little more",
            "lr=0.001",
            "lr=0.02",
            "That is the right direction: update / weight is fine now. But 150 steps of this size do not lead far. "
            "Look at the loss and go on.",
        ),
    ),
    _exercise(
        "12.3",
        "worse than guessing",
        hints=[
            "What fraction of its weights does a layer swap for new ones in one step?",
            "update / weight = lr · |g| / |w|. At the first step |g| is 0.5, nothing unusual; the ratio is 0.5 with "
            "lr = 3.",
            "opt = torch.optim.SGD(net.parameters(), lr=___)",
        ],
        wrong_names={
            "exploding gradients": "Look at the very first step: the norm of the gradient is 0.5, and later never "
            "more than about 10. A gradient that explodes has thousands. It is the step along it that is too long.",
            "zero_grad missing": "Then the first steps would be sound, and the gradient would climb step by step. "
            "Here the first step already moves the weights by a quarter of their size and more.",
        },
        named_only="The name is right. Now change the rate: update / weight should be near 1e-2 here, not near 1.",
        hidden=(
            "far too low",
            "lr=3.0",
            "lr=0.0001",
            "Now it is the opposite: update / weight is about 1e-5, and the loss stays where it began. The right rate "
            "is between the two.",
        ),
    ),
    _exercise(
        "12.4",
        "right but never sure",
        hints=[
            "How small can this loss get at best, and what do the outputs of one row add up to?",
            "cross_entropy(z, y) = -log softmax(z)[y]: it takes logits and does the softmax itself. Fed with "
            "probabilities p it can reach log(e + 9) - 1 = 1.46 at best, at p = (1, 0, ..., 0).",
            "net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)___)",
        ],
        wrong_names={
            "learning rate too low": "update / weight is above 1e-2: the steps are long enough. And with more of them "
            "the loss stops at 1.46. Something keeps it there.",
            "labels shuffled against inputs": "Then new digits would be right one time in ten. Here more than half "
            "are: rows and labels belong together.",
        },
        named_only="The name is right. Now take one of the two away: which of them is in cross_entropy already?",
        hidden=(
            "a higher rate",
            "lr=0.5",
            "lr=5.0",
            "A higher rate gets more digits right, and the loss comes down to its floor, 1.46. It cannot go below: "
            "the loss still sees numbers from 0 to 1 only.",
        ),
    ),
    _exercise(
        "12.5",
        "first better, then worse",
        hints=[
            "How does the norm of the gradient go on from step to step? Which gradients are in it?",
            "loss.backward() adds: p.grad ← p.grad + gradient of this batch. After 100 steps it is the sum of 100 "
            "gradients.",
            "for rows in ...:\n    loss = ...\n    ___\n    loss.backward()\n    opt.step()",
        ],
        wrong_names={
            "learning rate too high": "For the first steps update / weight is fine, and 50 steps go well. With the "
            "rate alone at fault the trouble would begin at once. See how the norm of the gradient climbs.",
            "exploding gradients": "An exploding gradient comes out of one backward pass. At the first step this one "
            "has a norm of 0.4; it grows by what each step adds.",
        },
        named_only="The name is right. Now the line that is missing: what must happen before each loss.backward()?",
        hidden=(
            "a smaller rate",
            "lr=0.2",
            "lr=0.01",
            "The loss looks well now, but the norm of the gradient still climbs: each step goes along the sum of all "
            "gradients so far. In a longer training the trouble comes back.",
        ),
    ),
    _exercise(
        "12.6",
        "one in ten",
        hints=[
            "Can it learn even one batch by heart? Print a few rows of x with their y: do they belong together?",
            "row i of x needs label i: x[p] and y[p] with one and the same permutation p. Here x and y get one each.",
            "order = torch.randperm(len(data.x))\nx, y = data.x[___], data.y[___]",
        ],
        wrong_names={
            "learning rate too low": "update / weight is about 5e-2: it moves. It does find something, its loss falls "
            "a little, but nothing that holds for other digits.",
            "class imbalance": "Each of the ten digits has about a tenth of the rows. Count them: data.y.bincount(). "
            "The trouble is which label stands beside which row.",
        },
        named_only="The name is right. Now keep rows and labels together when you shuffle.",
        hidden=(
            "few rows",
            "torch.randint(len(x), (150, 64))",
            "torch.randint(32, (150, 64))",
            "So few rows it learns by heart with any labels: the loss is well, but of new digits it still knows "
            "nothing. The loss on the rows to train on cannot show this fault.",
        ),
    ),
    _exercise(
        "12.7",
        "two answers",
        hints=[
            "Which layer draws random numbers, and when should it stop drawing?",
            "Dropout(p), training: x · mask / (1 - p), a new mask each time. Evaluation: x. net.train() and "
            "net.eval() say which; a new network is in training mode.",
            "return net.___()",
        ],
        wrong_names={
            "leakage through the scaler": "Nothing is scaled here, and leakage makes a score better than it is. Ask "
            "the network about the same rows twice: a third of its answers change.",
            "labels shuffled against inputs": "Then new digits would be right one time in ten. Here three of four "
            "are. Ask about the same rows twice and compare the answers.",
        },
        named_only="The name is right. Now hand the network over in the mode in which it is to be used.",
        hidden=(
            "less dropout",
            "nn.Dropout(0.8)",
            "nn.Dropout(0.2)",
            "With less dropout fewer answers change, but they do: the layer still draws a mask for each row. It "
            "should stop drawing when the training is over.",
        ),
    ),
    _exercise(
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
            "first gradient, before any step, is already 30 to 300: no rate made it so.",
            "zero_grad missing": "opt.zero_grad() is there. And the very first gradient, with nothing added up yet, "
            "has a norm of 30 to 300.",
        },
        named_only="The name is right. Now limit what a step goes along: between which two lines?",
        hidden=(
            "a smaller rate",
            "lr=0.02",
            "lr=0.001",
            "The loss comes down, but the gradient explodes as before; only the steps along it are short. Look at the "
            "first one, which no rate has touched yet.",
        ),
    ),
    _exercise(
        "12.9",
        "since the long name",
        hints=[
            "What stands in column 20 of a name of seven letters? Print data.x[0].sum(1).",
            "A state after the end of a name has read rows of 0. The last one that has read a letter is "
            "states[i, lengths[i] - 1], with lengths = data.x[rows].any(2).sum(1).",
            "lengths = ___\nstates, _ = rnn(x)\nhead(states[range(len(x)), ___])\nThe function that is returned reads "
            "too.",
        ],
        wrong_names={
            "learning rate too low": "update / weight is about 3e-2. And with 8 columns the same rate works. Look at "
            "what the network reads last.",
            "labels shuffled against inputs": "Print a few names beside their countries: they belong together. Print "
            "a whole row too: what does the network read last?",
        },
        named_only="The name is right. Now read the state where the name ends, in the loss and in what is returned.",
        hidden=(
            "a GRU",
            "nn.RNN(42, 32, batch_first=True), nn.Linear(32, 4)])\n    opt = torch.optim.Adam(net.parameters(), "
            "lr=0.01)",
            "nn.GRU(42, 32, batch_first=True), nn.Linear(32, 4)])\n    opt = torch.optim.Adam(net.parameters(), "
            "lr=0.02)",
            "The loss looks well now, but the empty columns are still read: add five more, and the outputs change. "
            "What a name says should not hang on the length of others.",
        ),
    ),
    _exercise(
        "12.10",
        "better than it will be",
        hints=[
            "Which rows has the scaler seen, and which of them will not be there on the day it is put to use?",
            "z = (x - mean) / std, with the mean and std of the rows to train on. Then their z has mean 0; here it is "
            "-0.6, for warm days that are yet to come raised the mean.",
            "scaler = StandardScaler().fit(___)",
        ],
        wrong_names={
            "eval mode forgotten": "No layer here is another in evaluation mode, and the same rows get the same "
            "forecast twice. Look at the mean of what goes in.",
            "labels shuffled against inputs": "The loss falls to a tenth: days and next days belong together. Look at "
            "the mean of what goes in: why is it not 0?",
            "learning rate too low": "update / weight is about 1e-2 and the loss comes down well. The training is "
            "fine; the measuring is not.",
        },
        named_only="The name is right. Something still reaches the scaler from the rows that it is measured on. Fit "
        "it on data.x alone and only transform the others.",
    ),
]
