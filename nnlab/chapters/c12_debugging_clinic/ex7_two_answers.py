"""Exercise 12.7: two answers."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise

EXERCISE = patient_exercise(
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
            "many answers, makes that rarer. When training is over, the layer should stop drawing.",
        ),
        "never in training": (
            [("    panel.watch(net, opt", "    net.eval()\n    panel.watch(net, opt")],
            "The same rows get the same answer now, but it was trained in evaluation mode too: there Dropout drops "
            "nothing. Train in training mode, and switch when training is over.",
        ),
    },
    also_right=[
        [("return net", "net.eval()\n    return net")],
        [("return net", "return net.train(False)")],
        [("return net", "for module in net:\n        module.training = False\n    return net")],
        [("nn.Dropout(0.8), ", "")],
        [("return net", "return lambda x: net.eval()(x)")],
        [("nn.Dropout(0.8)", "nn.Dropout(0.0)")],
    ],
)
