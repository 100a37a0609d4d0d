"""Exercise 12.6: one in ten."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

LOADERS = "images, labels = (torch.utils.data.DataLoader(t, 64, shuffle=True) for t in (data.x, data.y))"

EXERCISE = patient_exercise(
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
        "learning rate too low": "update / weight is about 4e-2: it moves. And with the same batch over and over "
        "the loss stays where it is too. What could it remember?",
        "class imbalance": "Each of the ten digits has about a tenth of the rows. Count them: data.y.bincount(). "
        "The trouble is which label stands next to which row.",
    },
    named_only="The name is right. Now let rows and labels come in the same order. If they were separated only "
    "once, before the loop, they would still be separated.",
    hidden={
        "one batch kept": (
            [
                ("    for _ in", "    kept = 10 * list(zip(images, labels, strict=True))[:1]\n    for _ in"),
                ("in zip(images, labels, strict=True)", "in kept"),
            ],
            "It learns a few pairs that stay together by heart, wrong ones too: the loss is fine. But it knows "
            "nothing about new digits. Are these the labels that belong to the images?",
        )
    },
    also_right=[
        [(", shuffle=True", "")],
        [
            (
                LOADERS,
                "pairs = torch.utils.data.DataLoader(list(zip(data.x, data.y)), 64, shuffle=True)",
            ),
            ("zip(images, labels, strict=True)", "pairs"),
        ],
        [
            (
                LOADERS,
                "p = torch.randperm(600)\n    images, labels = data.x[p].split(64), data.y[p].split(64)",
            )
        ],
        [
            (
                LOADERS,
                "images, labels = data.x, data.y",
            ),
            ("for _ in range(15)", "for order in torch.stack([torch.randperm(600) for _ in range(15)])"),
            ("x, y in zip(images, labels, strict=True)", "rows in order.split(64)"),
            ("net(x), y", "net(images[rows]), labels[rows]"),
        ],
        [
            (
                LOADERS,
                LOADERS.replace("True)", "True, generator=torch.Generator().manual_seed(0))"),
            )
        ],
        [
            (
                LOADERS,
                "pairs = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(data.x, data.y), 64, shuffle=True)",
            ),
            ("zip(images, labels, strict=True)", "pairs"),
            ("torch.optim.SGD(net.parameters(), lr=0.5)", "torch.optim.Adam(net.parameters(), lr=0.01)"),
        ],
    ],
)
