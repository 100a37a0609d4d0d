"""Exercise 16.2: a collate function for packed batches."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

BATCH = [([5, 3, 8], 1), ([7], 0), ([2, 9, 4, 6, 3], 1)]


def _part(objects: Any, batch: list[tuple[list[int], int]], which: int) -> Any:
    found = objects.collate(batch)
    if found is None:
        return None
    if not isinstance(found, tuple | list) or len(found) != 3:
        return f"{type(found).__name__}, which is not three things"
    return np.asarray(found[which]).tolist()


def _packs(objects: Any, batch: list[tuple[list[int], int]]) -> Any:
    """What a network would read: PyTorch packs the batch and unpacks it."""
    from torch.nn.utils.rnn import pack_padded_sequence

    found = objects.collate(batch)
    if found is None:
        return None
    packed = pack_padded_sequence(found[0], found[1], batch_first=True, enforce_sorted=False)
    return packed.data.tolist()


def _kinds(objects: Any, batch: list[tuple[list[int], int]]) -> Any:
    found = objects.collate(batch)
    return None if found is None else [str(getattr(part, "dtype", type(part).__name__)) for part in found]


EXERCISE = Exercise(
    id="16.2",
    title="a collate function for packed batches",
    stub='''
        def collate(batch):
            """Return (ids, lengths, labels), three int64 tensors. batch: a list of N pairs (numbers of a
            text's tokens, label). ids: (N, L), each text in a row, 0 after its end, L the longest length
            of this batch; lengths, labels: (N,), in the batch's order"""
            ...  # your code
        ''',
    hints=[
        "Rows of a tensor are equally long, texts are not. How long must a row be, and what must be remembered "
        "before it is filled up?",
        """
        L = the greatest length in this batch
        ids[i, :lengths[i]] = the numbers of text i, the rest 0
        """,
        """
        texts, labels = zip(*batch)
        lengths = torch.tensor([___ for text in texts])
        ids = torch.zeros(len(texts), int(___), dtype=torch.long)
        for row, text in zip(ids, texts):
            row[:___] = torch.tensor(text)
        return ids, lengths, torch.tensor(labels)
        """,
    ],
    solution="""
        import torch
        def collate(batch):
            texts, labels = zip(*batch)
            lengths = torch.tensor([len(text) for text in texts])
            ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)
            for row, text in zip(ids, texts):
                row[: len(text)] = torch.tensor(text)
            return ids, lengths, torch.tensor(labels)
        """,
    cases=[
        Case("the table of numbers, padded with 0 at the end", _part, (BATCH, 0), hint=3),
        Case("the true lengths", _part, (BATCH, 1), expected=[3, 1, 5], hint=3),
        Case("the labels, in the batch's order", _part, (BATCH, 2), hint=3),
        Case("whole numbers of 64 bits", _kinds, (BATCH,), hint=3),
        Case("a batch of one text", _part, ([([4, 4], 0)], 0), hint=2),
        Case("a batch of short texts is narrow", _part, ([([4], 0), ([6, 2], 1)], 0), hint=2),
        Case("packed, it holds every token and no padding", _packs, (BATCH,), hint=2),
    ],
    wrong={
        "padded in front": Wrong(
            {"row[: len(text)] = torch.tensor(text)": "row[-len(text):] = torch.tensor(text)"},
            "The padding stands before the text. Packing takes the first lengths[i] numbers of a row: pad at the end.",
        ),
        "padded length": Wrong(
            {
                "lengths = torch.tensor([len(text) for text in texts])": (
                    "lengths = torch.tensor([max(map(len, texts))] * len(texts))"
                )
            },
            "All lengths are the padded one, so the network would read padding. Give each text's own length.",
        ),
        "cut to the shortest": Wrong(
            """
            import torch
            def collate(batch):
                texts, labels = zip(*batch)
                lengths = torch.tensor([len(text) for text in texts])
                ids = torch.tensor([text[: min(map(len, texts))] for text in texts])
                return ids, lengths, torch.tensor(labels)
            """,
            "You cut every text to the shortest one's length. Pad to the longest instead.",
        ),
        "a fixed width": Wrong(
            {
                "ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)": (
                    "ids = torch.zeros(len(texts), 8, dtype=torch.long)"
                )
            },
            "The table is wider than the longest text of the batch: every column of padding costs time. L is the "
            "greatest length here.",
        ),
        "padded with 1": Wrong(
            {
                "ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)": (
                    "ids = torch.ones(len(texts), int(lengths.max()), dtype=torch.long)"
                )
            },
            "1 is an unknown token. Padding is 0.",
        ),
        "sorted by length": Wrong(
            {"texts, labels = zip(*batch)": "texts, labels = zip(*sorted(batch, key=lambda pair: -len(pair[0])))"},
            "You sorted the batch by length. Keep its order: enforce_sorted=False lets PyTorch sort inside.",
        ),
        "labels left behind": Wrong(
            {
                "lengths = torch.tensor([len(text) for text in texts])": (
                    "texts = sorted(texts, key=len)[::-1]; lengths = torch.tensor([len(text) for text in texts])"
                )
            },
            "The texts are sorted and the labels are not: each label now belongs to another text.",
        ),
        "floats": Wrong(
            {
                "ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)": (
                    "ids = torch.zeros(len(texts), int(lengths.max()))"
                )
            },
            "Your ids are floating-point numbers, and an embedding looks up whole ones: dtype=torch.long.",
        ),
        "no lengths": Wrong(
            {"return ids, lengths, torch.tensor(labels)": "return ids, torch.tensor(labels)"},
            "Return three things: ids, lengths and labels. Without lengths nothing can be packed.",
        ),
        "counts what is not 0": Wrong(
            {"return ids, lengths, torch.tensor(labels)": "return ids, (ids != 0).sum(dim=0), torch.tensor(labels)"},
            "You counted along the wrong axis: lengths has one number for each text, the sum over dim=1.",
        ),
    },
    also_right=[
        """
        import torch
        from torch.nn.utils.rnn import pad_sequence
        def collate(batch):
            texts = [torch.tensor(text) for text, _ in batch]
            lengths = torch.tensor(list(map(len, texts)))
            return pad_sequence(texts, batch_first=True), lengths, torch.tensor([label for _, label in batch])
        """,
        """
        import torch
        def collate(batch):
            longest = max(len(text) for text, _ in batch)
            ids = torch.tensor([list(text) + [0] * (longest - len(text)) for text, _ in batch])
            return ids, (ids != 0).sum(1), torch.tensor([label for _, label in batch])
        """,
        """
        import torch
        def collate(batch):
            ids = np.zeros((len(batch), max(len(text) for text, _ in batch)), np.int64)
            for i, (text, _) in enumerate(batch):
                ids[i, : len(text)] = text
            lengths, labels = np.array([[len(text), label] for text, label in batch]).T.copy()
            return torch.from_numpy(ids), torch.from_numpy(lengths), torch.from_numpy(labels)
        """,
    ],
)
