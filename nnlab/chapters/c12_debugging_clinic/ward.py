"""The patients, from easy to hard to tell. To add one: write what ails it, mend it, measure both, append it here."""

from __future__ import annotations

from functools import partial

from nnlab.chapters.c12_debugging_clinic.measures import (
    alarms,
    by_heart,
    cropped,
    dead,
    dropped,
    found,
    hardest,
    learning,
    lonely,
    naive,
    off,
    older,
    pace,
    pull,
    right,
    surprise,
    twice,
    wider,
)
from nnlab.chapters.c12_debugging_clinic.patient import Patient, Sign
from nnlab.chapters.c12_debugging_clinic.rows import blood, digits, spring, sums, surnames

LOSS = partial(Sign, "loss at the end", lambda seen: seen.end)
DIGITS = partial(Sign, "digits right", right)

EVERYBODY = (
    Patient(
        name="stuck at 2.3",
        history="Ten digits, weights drawn between -0.1 and 0.1. From the first step to the last the loss is 2.3.",
        fault="dead ReLU",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                nn.init.normal_(net[0].weight, -0.1, 0.1)
                opt = torch.optim.SGD(net.parameters(), lr=0.5)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("nn.init.normal_(net[0].weight, -0.1, 0.1)", "nn.init.uniform_(net[0].weight, -0.1, 0.1)"),),
        tell="The share of dead units is 1, and the gradient of the layer before them is exactly 0.",
        make_data=digits,
        signs=(Sign("share of dead units", dead, high=0.5), LOSS(high=0.5), DIGITS(low=0.8)),
    ),
    Patient(
        name="in no hurry",
        history="Ten digits again. The loss does fall, by a hundredth in 150 steps.",
        fault="learning rate too low",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                opt = torch.optim.SGD(net.parameters(), lr=0.001)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("lr=0.001", "lr=0.5"),),
        tell="All units live and the gradients are ordinary, but update / weight is about 1e-4.",
        make_data=digits,
        signs=(Sign("update / weight", pace, low=1e-3, high=0.1), LOSS(high=0.8), DIGITS(low=0.75)),
    ),
    Patient(
        name="worse than guessing",
        history="Ten digits. Who guesses has a loss of 2.3. After the first steps this network has 50 and more, "
        "up and down.",
        fault="learning rate too high",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))
                opt = torch.optim.SGD(net.parameters(), lr=3.0)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("lr=3.0", "lr=0.3"),),
        tell="The first gradient is ordinary, but update / weight is near 1: each step throws away what was there.",
        make_data=digits,
        signs=(Sign("update / weight", pace, low=1e-3, high=0.1), LOSS(high=0.8), DIGITS(low=0.75)),
    ),
    Patient(
        name="right but never sure",
        history="Ten digits. More than half are right, but the loss hangs far above 1.",
        fault="softmax twice",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(1))
                opt = torch.optim.SGD(net.parameters(), lr=0.5)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=((", nn.Softmax(1))", ")"),),
        tell="Even with one batch by heart the loss stays above ln(e + 9) - 1 = 1.46; a row's outputs add up to 1.",
        make_data=digits,
        signs=(LOSS(high=0.7), DIGITS(low=0.8), Sign("cross entropy on new digits", surprise, high=0.9)),
    ),
    Patient(
        name="first better, then worse",
        history="Ten digits. For some 50 steps it learns. Then the loss climbs again, past where it began.",
        fault="zero_grad missing",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                opt = torch.optim.SGD(net.parameters(), lr=0.2)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("        loss.backward()", "        opt.zero_grad()\n        loss.backward()"),),
        tell="Each step but the first carries an older gradient: the norm climbs, whatever the loss does.",
        make_data=digits,
        signs=(
            Sign("steps that carried an older gradient", older, high=0),
            Sign("norm of the gradient at the end", pull, high=2),
            LOSS(high=1),
            DIGITS(low=0.75),
        ),
    ),
    Patient(
        name="one in ten",
        history="Ten digits. The loss hardly leaves 2.3, and on new digits the network is right one time in ten. "
        "Yet gradients and steps look well.",
        fault="labels shuffled against inputs",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                opt = torch.optim.SGD(net.parameters(), lr=0.5)
                panel.watch(net, opt)
                images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))
                for _ in range(15):
                    for x, y in zip(images, labels, strict=True):
                        loss = nn.functional.cross_entropy(net(x), y)
                        opt.zero_grad()
                        loss.backward()
                        opt.step()
                        panel.note(loss)
                return net
            """,
        mend=(
            (
                "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))",
                "rows = torch.utils.data.TensorDataset(data.x, data.y)\n"
                "    pairs = torch.utils.data.DataLoader(rows, 64, shuffle=True)",
            ),
            ("zip(images, labels, strict=True)", "pairs"),
        ),
        tell="Not even one batch is learned by heart, yet gradients and steps are well: print rows with labels.",
        make_data=digits,
        signs=(Sign("loss with one batch by heart", by_heart, high=0.2), DIGITS(low=0.8), LOSS(high=0.7)),
    ),
    Patient(
        name="two answers",
        history="Ten digits. A colleague gets the network, asks about the same digit twice and hears two answers.",
        fault="eval mode forgotten",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.8), nn.Linear(128, 10))
                opt = torch.optim.SGD(net.parameters(), lr=0.5)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("    return net", "    return net.eval()"),),
        tell="The same rows get other answers the second time; no curve of the training shows it.",
        make_data=digits,
        signs=(
            Sign("same answer when asked twice", twice, low=0.999),
            Sign("share of steps in training mode", learning, low=1),
            Sign("share that Dropout layers drop while it learns", dropped),
            DIGITS(low=0.83),
            LOSS(high=1),
        ),
    ),
    Patient(
        name="into the millions",
        history="A recurrent network adds up 25 numbers. Soon the loss is in the millions, with other seeds NaN.",
        fault="exploding gradients",
        broken="""
            def train(data, panel):
                rnn, head = net = nn.ModuleList([nn.RNN(1, 32, 1, "relu", batch_first=True), nn.Linear(32, 1)])
                nn.init.eye_(rnn.weight_hh_l0)
                opt = torch.optim.SGD(net.parameters(), lr=0.02)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 32)):
                    loss = nn.functional.mse_loss(head(rnn(data.x[rows])[0][:, -1]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return lambda x: head(rnn(x)[0][:, -1])
            """,
        mend=(
            (
                "        opt.step()",
                "        nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)\n        opt.step()",
            ),
        ),
        tell="At step 1, before any harm is done, the norm of the gradient is 30 to 300; a step later 100,000 or more.",
        make_data=sums,
        signs=(LOSS(high=0.8), Sign("largest gradient that was stepped along", hardest, high=30)),
    ),
    Patient(
        name="since the long name",
        history="Surnames of four countries, a row of letters each. Since one more surname was added the loss stays at "
        "1.39, that of guessing.",
        fault="padding read",
        broken="""
            def train(data, panel):
                rnn, head = net = nn.ModuleList([nn.RNN(42, 32, batch_first=True), nn.Linear(32, 4)])
                opt = torch.optim.Adam(net.parameters(), lr=0.01)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (100, 32)):
                    states, _ = rnn(data.x[rows])
                    loss = nn.functional.cross_entropy(head(states[:, -1]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return lambda x: head(rnn(x)[0][:, -1])
            """,
        mend=(
            (
                "    opt = torch",
                "    def last(x):\n"
                "        lengths = x.any(2).sum(1)\n"
                "        return head(rnn(x)[0][range(len(x)), lengths - 1])\n\n"
                "    opt = torch",
            ),
            ("        states, _ = rnn(data.x[rows])\n", ""),
            ("head(states[:, -1])", "last(data.x[rows])"),
            ("lambda x: head(rnn(x)[0][:, -1])", "last"),
        ),
        tell="The outputs change when empty columns are added, and for a name alone in a table of its length.",
        make_data=surnames,
        signs=(
            Sign("largest change of an output by five more empty columns", wider, high=0.001),
            Sign("largest change of an output for a name alone", cropped, high=0.001),
            LOSS(high=1),
            Sign("names right", right, low=0.55),
        ),
    ),
    Patient(
        name="better than it will be",
        history="Tomorrow's electricity out of today's, hour by hour. Trained on spring and measured on summer it was "
        "wrong by 190 kW. Put to use, it is wrong by far more.",
        fault="leakage through the scaler",
        broken="""
            def train(data, panel):
                scaler = StandardScaler().fit(torch.cat([data.x, data.x_val]))
                x, y = (torch.tensor(scaler.transform(t)).float() for t in (data.x, data.y))
                net = nn.Sequential(nn.Linear(24, 32), nn.Tanh(), nn.Linear(32, 24))
                opt = torch.optim.Adam(net.parameters(), lr=0.01)
                panel.watch(net, opt)
                for _ in range(150):
                    loss = nn.functional.mse_loss(net(x), y)
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return lambda x: scaler.inverse_transform(net(torch.tensor(scaler.transform(x)).float()))
            """,
        mend=(("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),),
        tell="The scaled rows to train on have mean -0.6, not 0, and the losses change with the validation rows. "
        "Honest is an error of 330 kW; to say that tomorrow is as today errs by 133.",
        make_data=spring,
        signs=(
            Sign("share of losses that other validation rows change", lambda seen: seen.peeks, high=0),
            Sign("share of answers that other validation rows change", lambda seen: seen.swayed, high=0),
            Sign("share of answers that change for a day alone", lonely, high=0),
            Sign("mean of what goes in", lambda seen: seen.readings[0].inputs[0]),  # 0 if scaled by its own mean
            Sign("kW wrong in summer", off, high=600),  # more when mended: that is the honest number
            Sign("kW wrong if tomorrow is as today", naive),
        ),
    ),
    Patient(
        name="95 % right",
        history="Two values of the blood say who is ill. 95 % of the answers are right.",
        fault="class imbalance",
        broken="""
            def train(data, panel):
                net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
                opt = torch.optim.SGD(net.parameters(), lr=0.1)
                panel.watch(net, opt)
                for rows in torch.randint(len(data.x), (150, 64)):
                    loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    panel.note(loss)
                return net
            """,
        mend=(("data.y[rows])", "data.y[rows], torch.tensor([1.0, 19.0]))"),),
        tell="As many answers are right as one class has rows, and nobody is ever called ill.",
        make_data=blood,
        signs=(
            Sign("share of the ill that are found", found, low=0.5),
            Sign("share of the well that are alarmed", alarms, high=0.5),
            Sign("answers right", right),
        ),
    ),
)
PATIENTS: dict[str, Patient] = {patient.name: patient for patient in EVERYBODY}
