"""The patients of the first sitting, from easy to hard to tell: ten digits, and a fault that a curve shows."""

from __future__ import annotations

from functools import partial

from nnlab.chapters.c12_debugging_clinic.measures import (
    accumulated_gradients,
    accuracy,
    cross_entropy,
    dead_share,
    final_gradient_norm,
    one_batch_loss,
    update_ratio,
)
from nnlab.chapters.c12_debugging_clinic.patient import Patient, Sign
from nnlab.chapters.c12_debugging_clinic.rows import digits

LOSS = partial(Sign, "loss at the end", lambda run: run.final_loss)
DIGITS = partial(Sign, "accuracy on new digits", accuracy)

EASY = (
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
        fix=(("nn.init.normal_(net[0].weight, -0.1, 0.1)", "nn.init.uniform_(net[0].weight, -0.1, 0.1)"),),
        symptom="The share of dead units is 1, and the gradient of the layer before them is exactly 0.",
        make_data=digits,
        signs=(Sign("share of dead units", dead_share, high=0.5), LOSS(high=0.5), DIGITS(low=0.8)),
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
        fix=(("lr=0.001", "lr=0.5"),),
        symptom="All units live and the gradients are ordinary, but update / weight is about 1e-4.",
        make_data=digits,
        signs=(Sign("update / weight", update_ratio, low=1e-3, high=0.1), LOSS(high=0.8), DIGITS(low=0.75)),
    ),
    Patient(
        name="worse than guessing",
        history="Ten digits. Guessing costs 2.3. After the first steps this network has a loss of 50 and more, "
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
        fix=(("lr=3.0", "lr=0.3"),),
        symptom="The first gradient is ordinary, but update / weight is near 1: each step throws away what was there.",
        make_data=digits,
        signs=(Sign("update / weight", update_ratio, low=1e-3, high=0.1), LOSS(high=0.8), DIGITS(low=0.75)),
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
        fix=((", nn.Softmax(1))", ")"),),
        symptom="Even with one batch over and over, the loss stays above ln(e + 9) - 1 = 1.46; the outputs of a row "
        "sum to 1.",
        make_data=digits,
        signs=(LOSS(high=0.7), DIGITS(low=0.8), Sign("cross-entropy on new digits", cross_entropy, high=0.9)),
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
        fix=(("        loss.backward()", "        opt.zero_grad()\n        loss.backward()"),),
        symptom="Each step but the first carries an older gradient: the norm climbs, whatever the loss does.",
        make_data=digits,
        signs=(
            Sign("steps that carried an older gradient", accumulated_gradients, high=0),
            Sign("gradient norm at the end", final_gradient_norm, high=2),
            LOSS(high=1),
            DIGITS(low=0.75),
        ),
    ),
    Patient(
        name="one in ten",
        history="Ten digits. The loss hardly leaves 2.3, and on new digits the network is right one time in ten. "
        "Yet gradients and steps look fine.",
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
        fix=(
            (
                "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))",
                "rows = torch.utils.data.TensorDataset(data.x, data.y)\n"
                "    pairs = torch.utils.data.DataLoader(rows, 64, shuffle=True)",
            ),
            ("zip(images, labels, strict=True)", "pairs"),
        ),
        symptom="Not even one batch is learned by heart, yet gradients and steps are fine: print rows with labels.",
        make_data=digits,
        signs=(Sign("loss with one batch over and over", one_batch_loss, high=0.2), DIGITS(low=0.8), LOSS(high=0.7)),
    ),
)
