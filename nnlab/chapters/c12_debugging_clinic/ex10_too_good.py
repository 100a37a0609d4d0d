"""Exercise 12.10: better than it will be."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
    "12.10",
    "better than it will be",
    hints=[
        "Which rows has the scaler seen, and which of them will not be there on the day it is put to use?",
        "z = (x - mean) / std, with the mean and std of the training rows. Then their z has mean 0; here it is "
        "-0.6, since warm days that are yet to come raised the mean.",
        "scaler = StandardScaler().fit(___)",
    ],
    wrong_names={
        "eval mode forgotten": "No layer here behaves differently in evaluation mode, and the same rows get the "
        "same forecast twice. Look at the mean of what goes in.",
        "labels shuffled against inputs": "The loss falls to a tenth: days and next days belong together. Look at "
        "the mean of what goes in: why is it not 0?",
        "learning rate too low": "update / weight is about 6e-3 and the loss comes down well. The training is fine; "
        "the measurement is not.",
        "overfitting": "Overfitting shows where you measure honestly: well on training rows, badly on others. Here "
        "the measured error itself comes out too small. Look at the mean of what goes in.",
    },
    named_only="The name is right. Something still reaches the training from the rows on which it is measured. Fit "
    "the scaler on data.x only, and only transform the others.",
    hidden={
        "fitted again": (
            [
                ("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),
                ("    return", "    scaler.fit(data.x_val)\n    return"),
            ],
            "The losses are honest now, but what you return has seen the validation rows: with other rows in their "
            "place its answers change. Whatever is fitted must be fitted on the training rows.",
        ),
        "fitted on each question": (
            [
                ("fit(torch.cat([data.x, data.x_val]))", "fit(data.x)"),
                ("scaler.transform(x)", "scaler.fit_transform(x)"),
            ],
            "A day gets a different forecast by itself than among others: what you return scales each question "
            "separately. In use there is only one day, today. Use what was fitted on data.x, and only transform.",
        ),
    },
    also_right=[
        [("StandardScaler().fit(torch.cat([data.x, data.x_val]))", "StandardScaler().fit(data.y)")],
        [
            (
                "StandardScaler().fit(torch.cat([data.x, data.x_val]))",
                "StandardScaler()\n    scaler.fit_transform(data.x)",
            )
        ],
        [
            (
                "StandardScaler().fit(torch.cat([data.x, data.x_val]))",
                "StandardScaler().fit(torch.cat([data.x, data.y[-1:]]))",
            )
        ],
        [
            ("scaler = StandardScaler().fit(torch.cat([data.x, data.x_val]))", "m, s = data.x.mean(0), data.x.std(0)"),
            ("(torch.tensor(scaler.transform(t)).float()", "((t - m) / s"),
            ("scaler.inverse_transform(net(torch.tensor(scaler.transform(x)).float()))", "net((x - m) / s) * s + m"),
        ],
        [
            ("scaler = StandardScaler().fit(torch.cat([data.x, data.x_val]))", "top = data.x.max()"),
            ("(torch.tensor(scaler.transform(t)).float()", "(t / top"),
            ("scaler.inverse_transform(net(torch.tensor(scaler.transform(x)).float()))", "net(x / top) * top"),
        ],
    ],
)
