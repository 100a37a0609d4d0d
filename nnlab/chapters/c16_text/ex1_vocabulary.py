"""Exercise 16.1: a vocabulary with a frequency floor."""

from nnlab.exercises.exercise import Case, Exercise, Wrong

TEXTS = [["by", "be"], ["be", "so", "be"], ["ah", "so"]]

EXERCISE = Exercise(
    id="16.1",
    title="a vocabulary with a frequency floor",
    stub='''
        def vocabulary(texts, min_count):
            """Return a dict from token to number: "<pad>" 0, "<unk>" 1, then from 2 on every token that
            occurs at least min_count times in all texts together, the most frequent first, equally
            frequent ones in alphabetical order. texts: a list of texts, each a list of tokens"""
            ...  # your code
        ''',
    hints=[
        "Count first, then filter, sort, number. In which order do two tokens stand that occur equally often?",
        """
        n(token) = how often it occurs in all texts
        keep it if n(token) >= min_count
        sort by (-n(token), token); numbers 2, 3, 4, ...
        """,
        """
        from collections import Counter
        counts = Counter(token for text in texts for token in ___)
        kept = sorted((t for t in counts if ___), key=lambda t: (___, t))
        return {token: i for i, token in enumerate(["<pad>", "<unk>", *kept])}
        """,
    ],
    solution="""
        from collections import Counter
        def vocabulary(texts, min_count):
            counts = Counter(token for text in texts for token in text)
            kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))
            return {token: i for i, token in enumerate(["<pad>", "<unk>", *kept])}
        """,
    cases=[
        Case("every token has a number", "vocabulary", (TEXTS, 1), hint=2),
        Case("a floor of 2: tokens that occur twice are kept", "vocabulary", (TEXTS, 2), hint=2),
        Case("a floor of 3", "vocabulary", (TEXTS, 3), hint=2),
        Case(
            "no token is frequent enough: two numbers are left",
            "vocabulary",
            (TEXTS, 9),
            expected={"<pad>": 0, "<unk>": 1},
            hint=3,
        ),
        Case("no text at all", "vocabulary", ([], 1), hint=3),
        Case(
            "a token that is repeated in one text counts each time",
            "vocabulary",
            ([["so", "so", "so"], ["x"]], 3),
            hint=2,
        ),
    ],
    wrong={
        "above the floor": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = sorted((t for t in counts if counts[t] > min_count), key=lambda t: (-counts[t], t))"
                )
            },
            "A token that occurs exactly min_count times is kept: compare with >=, not with >.",
        ),
        "no floor": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = sorted(counts, key=lambda t: (-counts[t], t))"
                )
            },
            "You keep every token. Leave out those that occur fewer than min_count times.",
        ),
        "in order of appearance": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = [t for t in counts if counts[t] >= min_count]"
                )
            },
            "Your tokens stand in the order of their first appearance. The most frequent come first.",
        ),
        "rarest first": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (counts[t], t))"
                )
            },
            "The rarest stand first. Sort by minus the count.",
        ),
        "alphabetical": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = sorted(t for t in counts if counts[t] >= min_count)"
                )
            },
            "The alphabet decides only between equally frequent tokens. Sort by the count first.",
        ),
        "ties as they come": Wrong(
            {
                "kept = sorted((t for t in counts if counts[t] >= min_count), key=lambda t: (-counts[t], t))": (
                    "kept = [t for t, n in counts.most_common() if n >= min_count]"
                )
            },
            "Equally frequent tokens stand in the order in which they came; put them in alphabetical order, so that "
            "the same texts in another order give the same numbers.",
        ),
        "texts counted": Wrong(
            {
                "counts = Counter(token for text in texts for token in text)": (
                    "counts = Counter(token for text in texts for token in set(text))"
                )
            },
            "You count texts that contain the token. Count each occurrence, also the second one in a text.",
        ),
        "numbers from 0": Wrong(
            {
                'return {token: i for i, token in enumerate(["<pad>", "<unk>", *kept])}': (
                    "return {token: i for i, token in enumerate(kept)}"
                )
            },
            "0 belongs to padding and 1 to unknown tokens. The first token gets 2.",
        ),
        "unknown is 0": Wrong(
            {
                'return {token: i for i, token in enumerate(["<pad>", "<unk>", *kept])}': (
                    'return {token: i for i, token in enumerate(["<unk>", "<pad>", *kept])}'
                )
            },
            "Padding is 0 and an unknown token 1, not the other way round.",
        ),
    },
    also_right=[
        """
        def vocabulary(texts, min_count):
            counts = {}
            for text in texts:
                for token in text:
                    counts[token] = counts.get(token, 0) + 1
            found = {"<pad>": 0, "<unk>": 1}
            for token in sorted(sorted(counts), key=counts.get, reverse=True):
                if counts[token] >= min_count:
                    found[token] = len(found)
            return found
        """,
        """
        import itertools
        def vocabulary(texts, min_count):
            tokens, counts = np.unique(list(itertools.chain(*texts)) or np.array([], str), return_counts=True)
            order = np.lexsort((tokens, -counts))
            kept = [str(tokens[i]) for i in order if counts[i] >= min_count]
            return dict(zip(["<pad>", "<unk>"] + kept, range(len(kept) + 2)))
        """,
    ],
)
