"""The patients of the second sitting, from easy to hard to tell, and the one that the lesson treats, last."""

from __future__ import annotations

from nnlab.chapters.c12_debugging_clinic.easy_patients import DIGITS, LOSS
from nnlab.chapters.c12_debugging_clinic.measures import (
    accuracy,
    batch_dependence,
    cropping_dependence,
    dropout_rate,
    false_positive_rate,
    largest_gradient_norm,
    mean_absolute_error,
    naive_error,
    padding_dependence,
    recall,
    repeat_agreement,
    training_mode_share,
)
from nnlab.chapters.c12_debugging_clinic.patient import Patient, Sign
from nnlab.chapters.c12_debugging_clinic.rows import blood_values, digits, electricity_days, sequence_sums, surnames

HARD = (
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
        fix=(("    return net", "    return net.eval()"),),
        symptom="The same rows get different answers the second time; no curve of the run shows it.",
        make_data=digits,
        signs=(
            Sign("share of digits answered the same twice", repeat_agreement, low=0.999),
            Sign("share of steps in training mode", training_mode_share, low=1),
            Sign("dropout rate during training", dropout_rate),
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
        fix=(
            (
                "        opt.step()",
                "        nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)\n        opt.step()",
            ),
        ),
        symptom="At step 1, before any harm is done, the gradient norm is 30 to 300; a step later 100,000 or more.",
        make_data=sequence_sums,
        signs=(LOSS(high=0.8), Sign("largest gradient norm of a step", largest_gradient_norm, high=30)),
    ),
    Patient(
        name="since the long name",
        history="Surnames of four countries, a row of letters each. Since one more surname was added, the loss stays "
        "at 1.39, that of guessing.",
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
        fix=(
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
        symptom="The outputs change when empty columns are added, and for a name alone in a table of its own length.",
        make_data=surnames,
        signs=(
            Sign("largest change of an output with five more empty columns", padding_dependence, high=0.001),
            Sign("largest change of an output for a name alone", cropping_dependence, high=0.001),
            LOSS(high=1),
            Sign("accuracy on new names", accuracy, low=0.55),
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
        fix=(("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),),
        symptom="The scaled training rows have mean -0.6, not 0, and the losses change with the validation rows. "
        "The honest error is 330 kW; saying that tomorrow will be as today is wrong by 133.",
        make_data=electricity_days,
        signs=(
            Sign("share of losses that other validation rows change", lambda run: run.loss_leakage, high=0),
            Sign("share of forecasts that other validation rows change", lambda run: run.output_leakage, high=0),
            Sign("share of forecasts that change for a day alone", batch_dependence, high=0),
            Sign("mean of what goes in", lambda run: run.readings[0].input_mean),  # 0 if scaled by its own mean
            Sign(
                "mean absolute error in summer, kW", mean_absolute_error, high=600
            ),  # larger once fixed: the honest number
            Sign("the same if tomorrow is as today, kW", naive_error),
        ),
    ),
    Patient(
        name="95% right",
        history="Two values of the blood say who is ill. 95% of the answers are right.",
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
        fix=(("data.y[rows])", "data.y[rows], torch.tensor([1.0, 19.0]))"),),
        symptom="As many answers are right as one class has rows, and nobody is ever called ill.",
        make_data=blood_values,
        signs=(
            Sign("recall: share of the ill that are found", recall, low=0.5),
            Sign("false positive rate: share of the well called ill", false_positive_rate, high=0.5),
            Sign("accuracy", accuracy),
        ),
    ),
)
