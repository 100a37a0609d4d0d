"""Exercise 12.9: since the long name."""

from nnlab.chapters.c12_debugging_clinic.patient_exercise import patient_exercise


def reading_with(body: str) -> list[tuple[str, str]]:
    """The swaps that make the run read names in another way: with the body of a function of x."""
    start = "    opt = torch"
    return [
        (start, f"    def read(x):\n        {body}\n{start}"),
        ("        states, _ = rnn(data.x[rows])\n", ""),
        ("head(states[:, -1])", "read(data.x[rows])"),
        ("return lambda x: head(rnn(x)[0][:, -1])", "return read"),
    ]


EXERCISE = patient_exercise(
    "12.9",
    "since the long name",
    hints=[
        "What stands in column 20 of a name of eight letters? Print data.x[1].sum(1).",
        "A state after the end of a name has read rows of 0. The last one that has read a letter is "
        "states[i, lengths[i] - 1], with lengths = data.x[rows].any(2).sum(1).",
        "lengths = ___\nstates, _ = rnn(x)\nhead(states[range(len(x)), ___])\nThe function that is returned reads too.",
    ],
    wrong_names={
        "learning rate too low": "update / weight is about 3e-2. And with 8 columns the same rate works. Look at "
        "what the network reads last.",
        "labels shuffled against inputs": "Print a few names next to their countries: they belong together. Print a "
        "whole row too: what does the network read last?",
        "vanishing gradients": "On the way back over many columns it does shrink, so it is a good guess. But what "
        "stands in these columns? Print a whole row, data.x[1].sum(1).",
    },
    named_only="The name is right. Now read the state where the name ends, in the loss and in what is returned.",
    hidden={
        "still read": (
            [("nn.RNN(42", "nn.GRU(42"), ("lr=0.01", "lr=0.02")],
            "The loss looks fine now, but add five more empty columns and outputs change: for some names at least, "
            "empty columns are still read. The answer for a name should not depend on the length of other names.",
        ),
        "cut off": (
            [("rnn(data.x[rows])", "rnn(data.x[rows][:, :8])"), ("rnn(x)", "rnn(x[:, :8])")],
            "Five more empty columns change nothing now. But a name by itself, in a table of its own length, gets a "
            "different answer than among others: there, empty columns are read after it.",
        ),
        "not in what is returned": (
            [
                ("        states, _ =", "        ends = data.x[rows].any(2).sum(1) - 1\n        states, _ ="),
                ("states[:, -1]", "states[range(len(ends)), ends]"),
            ],
            "The loss is fine now, but what you return still reads empty columns, and few names are right. Read "
            "there as you do in the loss.",
        ),
    },
    also_right=[
        reading_with("return head(rnn(x)[0][torch.arange(len(x)), x.sum((1, 2)).long() - 1])"),
        reading_with(
            "return head(rnn(nn.utils.rnn.pack_padded_sequence(x, x.sum((1, 2)).long(), batch_first=True, "
            "enforce_sorted=False))[1][0])"
        ),
        reading_with("return head(torch.stack([rnn(row[: int(row.sum())])[0][-1] for row in x]))"),
        reading_with(
            "last = (x.sum((1, 2)).long() - 1)[:, None, None].expand(-1, 1, 32)\n"
            "        return head(rnn(x)[0].gather(1, last)[:, 0])"
        ),
        reading_with("return head(rnn(x)[0].masked_fill(~x.any(2, keepdim=True), -9).amax(1))"),
    ],
)
