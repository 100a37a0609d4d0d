"""Chapter 12, the debugging clinic: ten trainings that fail. Name the fault, mend it, and read the instruments."""

from __future__ import annotations

from functools import partial
from typing import Any

from nnlab.chapters.c12_debugging_clinic import FAULTS, PATIENTS, SHOWS, Examined, Unreadable, examine
from nnlab.chapters.c12_debugging_clinic.patient import IMPORTS
from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import Told

BLANK = 'panel.watch(net, opt, fault="...")  # your code: name the fault, then mend what is wrong'


class Vitals(dict[str, str]):
    """The state of each sign: "well", "too low", "too high"; `text` is what the instruments say."""

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


def _name_said(name: str, told: dict[str, str], value: str) -> str:
    """told: the wrong names of which a message says more."""
    if value == "right":
        return ""
    return f"It is not {value}." + ("" if value in told else f" {SHOWS[value](PATIENTS[name].before)}")


def _vitals(name: str, objects: Any) -> Vitals:
    patient, seen = PATIENTS[name], _examined(name, objects)
    try:
        vitals = Vitals({sign.words: sign.state(seen) for sign in patient.signs})
        vitals.text = "\n".join(sign.says(seen, patient.before) for sign in patient.signs)
        if seen.fault == patient.fault and set(vitals.values()) == {"well"} and (seen.peeks or seen.swayed):
            raise Told(
                "It learns from the validation rows: with others in their place its losses or its answers are others."
            )
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
    hidden: dict[str, tuple[list[tuple[str, str]], str]],
) -> Exercise:
    """Name the fault of this patient and mend it.

    wrong_names: a wrong diagnosis beside the right mend -> what to say. named_only: what to say where the name is right
    and nothing was mended. hidden: title of what covers a symptom up, or mends half -> (its swaps, what to say). A
    message is found by the states of all signs, so it must hold for every training that has them.
    """
    fault = PATIENTS[name].fault
    wrong = {f"named {said}": Wrong(_source(name, said, mended=True), text) for said, text in wrong_names.items()}
    wrong["named only"] = Wrong(_source(name, fault), named_only)
    for title, (swaps, message) in hidden.items():
        wrong[title] = Wrong(_source(name, fault, *swaps), message)
    return Exercise(
        id=id,
        title=name,
        stub=_stub(name),
        hints=hints,
        solution=f"{IMPORTS}\n{_source(name, fault, mended=True)}",
        cases=[
            Case("the instruments can read it", partial(_readable, name), expected="yes", reads=lambda _: ""),
            Case(
                "the fault is named",
                partial(_named, name),
                expected="right",
                reads=partial(_name_said, name, wrong_names),
            ),
            Case(
                "the training is mended",
                partial(_vitals, name),
                expected={sign.words: "well" for sign in PATIENTS[name].signs},
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
            "vanishing gradients": "A gradient that vanishes gets small over many layers, and is never exactly 0. Here "
            "there are two layers, and the first one's gradient is 0. Look at the units between them.",
        },
        named_only="The name is right. Now let the units live: what do the arguments of nn.init.normal_ mean?",
        hidden={
            "another activation": (
                [("nn.ReLU()", "nn.LeakyReLU()")],
                "Fewer units give 0 for every row now, yet the loss is not down. Another activation lets a little "
                "through where ReLU lets nothing. But with weights of a mean below 0 the units stand on its flat side.",
            ),
            "a mean above 0": (
                [("normal_(net[0].weight, -0.1, 0.1)", "normal_(net[0].weight, 0.1, 0.1)")],
                "It learns. But at the end more than half of the units are dead: the others do all the work. Draw "
                "the weights around 0, different ones, and most units live.",
            ),
        },
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
    ),
    _exercise(
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
            "learning rate too low": "update / weight is above 1e-2 in most steps: they are long enough. And with more "
            "of them the loss stops at 1.46. Something keeps it there.",
            "labels shuffled against inputs": "Then new digits would be right one time in ten. Here more than half "
            "are: rows and labels belong together.",
        },
        named_only="The name is right. Softmax should happen once, and cross_entropy does it: is there still another? "
        "If there is none, what is left is the size of the steps.",
        hidden={
            "still squeezed": (
                [("lr=0.5", "lr=5.0")],
                "The digits are right, but the loss is not down. As long as something squeezes what cross_entropy gets "
                "into a narrow range it has a floor, of 1.46 for numbers from 0 to 1. No rate leads below it.",
            ),
            "squeezed otherwise": (
                [("nn.Softmax(1)", "nn.Tanh()")],
                "The digits are right, but neither loss is down. What cross_entropy gets must be free to be large: "
                "nothing should squeeze it, be it Softmax or another. If nothing does, the steps are too short.",
            ),
            "noted otherwise": (
                [("panel.note(loss)", "panel.note(0.1 * loss)")],
                "The noted loss looks well, but on new digits the cross entropy of what you return does not. Note the "
                "loss as it is: only the training should bring it down.",
            ),
        },
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
            "learning rate too high": "For the first steps update / weight is fine, and some 50 steps go well. With "
            "the rate alone at fault the trouble would begin at once. See how the norm of the gradient climbs.",
            "exploding gradients": "A gradient that explodes has 30 to 300 at step 1, out of one backward pass. This "
            "one has a norm of 0.4 there; it grows by what each step adds.",
        },
        named_only="The name is right. Now the line that is missing: what must happen before each loss.backward()?",
        hidden={
            "a smaller rate": (
                [("lr=0.2", "lr=0.01")],
                "The loss looks well now, but the norm of the gradient still climbs: steps go along sums of old and "
                "new gradients. In a longer training the trouble comes back.",
            ),
            "clipped": (
                [("        opt.step()", "        nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n        opt.step()")],
                "The loss and the norm look well now, but there are steps that carry an older gradient: to clip sums, "
                "or to clear them now and then, does not keep them from being sums. Clear before every backward().",
            ),
            "cleared too late": (
                [("        loss.backward()", "        loss.backward()\n        opt.zero_grad()")],
                "No step carries an older gradient now. But what does it carry? If the norm is 0, the new one was "
                "cleared as well: there must be nothing between loss.backward() and opt.step() that clears.",
            ),
        },
    ),
    _exercise(
        "12.6",
        "one in ten",
        hints=[
            "Can it learn even one batch by heart? Print a few rows of x with their y, as they come out of the two "
            "loaders: do they belong together?",
            "Row i of x needs label i. shuffle=True draws an order of its own for each loader, a new one with each "
            "pass. So shuffle pairs: one loader of TensorDataset(x, y), or neither of two.",
            "pairs = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(___, ___), 64, shuffle=True)\n"
            "for x, y in pairs:",
        ],
        wrong_names={
            "learning rate too low": "update / weight is about 4e-2: it moves. And with one batch over and over the "
            "loss stays where it is too. What could it remember?",
            "class imbalance": "Each of the ten digits has about a tenth of the rows. Count them: data.y.bincount(). "
            "The trouble is which label stands beside which row.",
        },
        named_only="The name is right. Now let rows and labels come in one order. Were they parted just once, before "
        "the loop, they would still be parted.",
        hidden={
            "one batch kept": (
                [
                    ("    for _ in", "    kept = 10 * list(zip(images, labels, strict=True))[:1]\n    for _ in"),
                    ("in zip(images, labels, strict=True)", "in kept"),
                ],
                "A few pairs that stay together it learns by heart, wrong ones too: the loss is well. But of new "
                "digits it knows nothing. Are these the labels that belong to the images?",
            )
        },
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
            "the network about the same rows twice: more than a tenth of its answers change.",
            "labels shuffled against inputs": "Then new digits would be right one time in ten. Here seven of ten "
            "are. Ask about the same rows twice and compare the answers.",
        },
        named_only="The name is right. Now hand the network over in the mode in which it is to be used.",
        hidden={
            "fewer changes": (
                [("nn.Dropout(0.8)", "nn.Dropout(0.2)")],
                "Fewer answers change now, but some do: a mask is still drawn each time. Less dropout, or the mean of "
                "many answers, makes that rarer. When the training is over the layer should stop drawing.",
            ),
            "never in training": (
                [("    panel.watch(net, opt", "    net.eval()\n    panel.watch(net, opt")],
                "The same rows get the same answer now, but it was trained in evaluation mode too: there Dropout drops "
                "nothing. Train in training mode, and switch when the training is over.",
            ),
        },
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
            "gradient at step 1, before any step, is already 30 to 300: no rate made it so.",
            "zero_grad missing": "opt.zero_grad() is there. And the gradient at step 1, with nothing added up yet, "
            "has a norm of 30 to 300.",
        },
        named_only="The name is right. Now limit what a step goes along: between which two lines?",
        hidden={
            "shorter steps": (
                [("lr=0.02", "lr=0.001")],
                "The loss comes down. But there are still steps along gradients above 30: nothing keeps those below, "
                "only the steps along them are short. One batch with a worse one, and they are not.",
            ),
            "a loose limit": (
                [("        opt.step()", "        nn.utils.clip_grad_norm_(net.parameters(), 30)\n        opt.step()")],
                "No step goes along a gradient above 30 now, yet the loss is not down. If you clip, a step at the "
                "limit still leads too far: set it lower. If you changed the network, it now learns too little in 150 "
                "steps.",
            ),
        },
    ),
    _exercise(
        "12.9",
        "since the long name",
        hints=[
            "What stands in column 20 of a name of eight letters? Print data.x[1].sum(1).",
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
            "vanishing gradients": "On the way back over many columns it does shrink, so it is a good guess. But what "
            "stands in these columns? Print a whole row, data.x[1].sum(1).",
        },
        named_only="The name is right. Now read the state where the name ends, in the loss and in what is returned.",
        hidden={
            "still read": (
                [("nn.RNN(42", "nn.GRU(42"), ("lr=0.01", "lr=0.02")],
                "The loss looks well now, but add five more empty columns and outputs change: for some names at least, "
                "empty columns are still read. What a name says should not hang on the length of others.",
            ),
            "cut off": (
                [("rnn(data.x[rows])", "rnn(data.x[rows][:, :8])"), ("rnn(x)", "rnn(x[:, :8])")],
                "Five more empty columns change nothing now. But a name alone, in a table of its own length, gets "
                "another answer than among others: there, empty columns are read after it.",
            ),
            "not in what is returned": (
                [
                    ("        states, _ =", "        ends = data.x[rows].any(2).sum(1) - 1\n        states, _ ="),
                    ("states[:, -1]", "states[range(len(ends)), ends]"),
                ],
                "The loss is well now, but what you return still reads empty columns, and few names are right. Read "
                "there as you do in the loss.",
            ),
        },
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
            "learning rate too low": "update / weight is about 6e-3 and the loss comes down well. The training is "
            "fine; the measuring is not.",
            "overfitting": "Overfitting shows where you measure honestly: well on rows to train on, badly on others. "
            "Here the measured error itself comes out too small. Look at the mean of what goes in.",
        },
        named_only="The name is right. Something still reaches the training from the rows that it is measured on. Fit "
        "the scaler on data.x alone and only transform the others.",
        hidden={
            "fitted again": (
                [
                    ("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),
                    ("    return", "    scaler.fit(data.x_val)\n    return"),
                ],
                "The losses are honest now, but what you return has seen the validation rows: with others in their "
                "place it answers otherwise. Whatever is fitted, is fitted on the rows to train on.",
            ),
            "fitted on each question": (
                [
                    ("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),
                    ("scaler.transform(x)", "scaler.fit_transform(x)"),
                ],
                "A day gets another forecast alone than among others: what you return scales each question by itself. "
                "In use there is one day, today. Use what was fitted on data.x and only transform.",
            ),
        },
    ),
]
