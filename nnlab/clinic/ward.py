"""The patients. To add one: write what ails it, mend it, measure both, and append it to PATIENTS."""

from __future__ import annotations

from functools import cache

from nnlab.clinic.patient import Data, Examined, Patient, Sign

FAULTS = (
    "dead ReLU",
    "learning rate too high",
    "learning rate too low",
    "zero_grad missing",
    "labels shuffled against inputs",
    "softmax twice",
    "eval mode forgotten",
    "leakage through the scaler",
    "exploding gradients",
    "class imbalance",
    "padding read",
)


@cache
def digits() -> Data:
    """600 of scikit-learn's 8 x 8 digits to train on, 400 to measure on; 64 brightnesses from 0 to 1, ten classes."""
    import torch
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images, labels = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    return Data(images[:600], labels[:600], images[600:1000], labels[600:1000])


def accuracy(seen: Examined) -> float:
    """Share of the validation rows that the returned model gets right."""
    import torch

    with torch.no_grad():
        return float((seen.result(seen.data.x_val).argmax(1) == seen.data.y_val).double().mean())


def dead(seen: Examined) -> float:
    """The largest share of dead units in a layer at the last step."""
    return max(seen.readings[-1].dead.values(), default=0.0)


PATIENTS: dict[str, Patient] = {
    patient.name: patient
    for patient in (
        Patient(
            name="stuck at 2.3",
            history="Ten classes, and from the first step to the last the loss is 2.3. Nothing moves.",
            fault="dead ReLU",
            broken="""
                def train(data, panel):
                    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                    nn.init.constant_(net[0].bias, -10.0)
                    opt = torch.optim.SGD(net.parameters(), lr=0.5)
                    panel.watch(net, opt)
                    for step in range(150):
                        rows = torch.randint(len(data.x), (64,))
                        loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
                        opt.zero_grad()
                        loss.backward()
                        opt.step()
                        panel.note(loss)
                    return net
                """,
            mend=(("    nn.init.constant_(net[0].bias, -10.0)\n", ""),),
            make_data=digits,
            signs=(
                Sign("share of dead units", dead, high=0.2),
                Sign("loss at the end", lambda seen: seen.end, high=0.5),
                Sign("digits right", accuracy, low=0.85),
            ),
        ),
    )
}
