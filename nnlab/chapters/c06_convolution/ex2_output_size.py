"""Exercise 06.2: how large, and how far it sees."""

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="06.2",
    title="how large, and how far it sees",
    stub='''
        def output_size(size, kernel, stride=1, padding=0):
            """Return how many places a kernel has along an axis of `size` pixels."""
            ...  # your code


        def receptive_field(layers):
            """Return how many input pixels wide the window is, along one axis, that one number of the
            last layer sees.
            layers: a list of pairs (kernel, stride), from first to last, such as [(3, 1), (2, 2)]"""
            ...  # your code
        ''',
    hints=[
        "After the first place, how many pixels are left for the kernel to move over? How many steps fit in? "
        "And when two outputs are neighbours, how far apart are their windows in the input?",
        """
        places = floor((size + 2 · padding - kernel) / stride) + 1
        Receptive field: begin with field = 1 pixel and jump = 1 (pixels between neighbours). At each layer
        field grows by (kernel - 1) · jump, and then jump becomes jump · stride
        """,
        """
        def output_size(size, kernel, stride=1, padding=0):
            return (___) // stride + 1


        def receptive_field(layers):
            field, jump = 1, 1
            for kernel, stride in layers:
                field += ___
                jump *= ___
            return field
        """,
    ],
    solution="""
        def output_size(size, kernel, stride=1, padding=0):
            return (size + 2 * padding - kernel) // stride + 1


        def receptive_field(layers):
            field, jump = 1, 1
            for kernel, stride in layers:
                field += (kernel - 1) * jump
                jump *= stride
            return field
        """,
    cases=[
        Case("28 pixels, a kernel of 3", "output_size", (28, 3), expected=26, hint=2),
        Case("padding of 1 on both sides keeps the size", "output_size", (28, 3, 1, 1), expected=28, hint=2),
        Case("a stride of 2 that fits exactly", "output_size", (7, 3, 2), expected=3, hint=2),
        Case("the last pixel is left over", "output_size", (28, 3, 2), expected=13, hint=2),
        Case("one pixel left over, with a stride of 4", "output_size", (28, 3, 4), expected=7, hint=2),
        Case("all together", "output_size", (224, 7, 2, 3), expected=112, hint=3),
        Case("one layer sees its kernel", "receptive_field", ([(5, 1)],), expected=5, hint=2),
        Case("two kernels of 3 see 5 pixels", "receptive_field", ([(3, 1), (3, 1)],), expected=5, hint=2),
        Case("after a stride, steps are longer", "receptive_field", ([(3, 2), (3, 1)],), expected=7, hint=2),
        Case(
            "convolution, pooling, convolution, pooling",
            "receptive_field",
            ([(3, 1), (2, 2), (3, 1), (2, 2)],),
            expected=10,
            hint=3,
        ),
        Case("strides multiply", "receptive_field", ([(3, 2), (3, 2), (3, 2)],), expected=15, hint=3),
    ],
    wrong={
        "wrong end": Wrong(
            """
            def receptive_field(layers):
                field = 1
                for kernel, stride in layers:
                    field = (field - 1) * stride + kernel
                return field
            """,
            "(field - 1) · stride + kernel is right when you go from the last layer to the first.",
        ),
        "padding once": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return (size + padding - kernel) // stride + 1
            """,
            "Padding lies on both sides, so it counts twice.",
        ),
        "padding forgotten": Wrong(
            "def output_size(size, kernel, stride=1, padding=0): return (size - kernel) // stride + 1",
            "The padding is missing. The kernel slides over size + 2 · padding cells.",
        ),
        "ceil": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return -(-(size + 2 * padding - kernel) // stride) + 1
            """,
            "You rounded up. The last step has to fit completely: round down.",
        ),
        "not rounded": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return (size + 2 * padding - kernel) / stride + 1
            """,
            "There is no half place. Only whole steps count: round down, with //.",
        ),
        "rounded to nearest": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return int((size + 2 * padding - kernel) / stride + 1 + 0.5)
            """,
            "You rounded to the nearest. A step that does not fit completely does not count: round down.",
        ),
        "round": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return round((size + 2 * padding - kernel) / stride) + 1
            """,
            "round() goes to the nearest whole number, and from a half to the even one, so it is right only by "
            "chance. Round down, with //.",
        ),
        "divided at the end": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return (size + 2 * padding - kernel + 1) // stride
            """,
            "The first place costs no step. Divide the steps by stride, then add the 1.",
        ),
        "one forgotten": Wrong(
            """
            def output_size(size, kernel, stride=1, padding=0):
                return (size + 2 * padding - kernel) // stride
            """,
            "You counted the steps. There is one place more than there are steps.",
        ),
        "kernels added": Wrong(
            "def receptive_field(layers): return sum(kernel for kernel, _ in layers)",
            "You added the kernels. Windows of neighbours overlap: a kernel adds (kernel - 1) steps.",
        ),
        "whole kernels": Wrong(
            {"field += (kernel - 1) * jump": "field += kernel * jump"},
            "You added the whole kernel. One of its pixels had been seen already: add (kernel - 1) · jump.",
        ),
        "kernels multiplied": Wrong(
            """
            def receptive_field(layers):
                field = 1
                for kernel, _ in layers:
                    field *= kernel
                return field
            """,
            "You multiplied the kernels, as if windows did not overlap. Each adds (kernel - 1) steps.",
        ),
        "strides forgotten": Wrong(
            "def receptive_field(layers): return 1 + sum(kernel - 1 for kernel, _ in layers)",
            "The strides are missing. After a stride of 2, neighbours are 2 input pixels apart.",
        ),
        "own stride first": Wrong(
            """
            def receptive_field(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    jump *= stride
                    field += (kernel - 1) * jump
                return field
            """,
            "A layer's own stride came too early. Its kernel covers neighbours of the layer before; the stride "
            "matters to the layers after it.",
        ),
        "only the last stride": Wrong(
            {"jump *= stride": "jump = stride"},
            "You used the stride of one layer only. The jump is the product of all strides so far.",
        ),
    },
    also_right=[
        """
        def output_size(size, kernel, stride=1, padding=0):
            return len(range(0, size + 2 * padding - kernel + 1, stride))
        def receptive_field(layers):
            size = 1
            for kernel, stride in reversed(layers):
                size = (size - 1) * stride + kernel
            return size
        """,
        """
        import math
        def output_size(size, kernel, stride=1, padding=0):
            return math.floor((size - kernel + 2 * padding) / stride + 1)
        def receptive_field(layers):
            if not layers:
                return 1
            (kernel, stride), *rest = layers
            return (receptive_field(rest) - 1) * stride + kernel
        """,
        """
        def output_size(size, kernel, stride=1, padding=0):
            return np.floor((size + 2 * padding - kernel) / stride) + 1
        def receptive_field(layers):
            kernels, strides = np.array(layers).T
            jumps = np.cumprod(np.append(1, strides[:-1]))
            return 1 + np.sum((kernels - 1) * jumps)
        """,
        """
        def output_size(size, kernel, stride=1, padding=0):
            places, start = 0, -padding
            while start + kernel <= size + padding:
                places += 1
                start += stride
            return places
        def receptive_field(layers):
            total = 1
            for i in range(len(layers)):
                jump = 1
                for j in range(i):
                    jump *= layers[j][1]
                total += (layers[i][0] - 1) * jump
            return total
        """,
        """
        import torch
        def output_size(size, kernel, stride=1, padding=0):
            return torch.nn.Conv1d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size)).shape[-1]
        def receptive_field(layers):
            seen = {0}
            for kernel, stride in layers[::-1]:
                seen = {place * stride + i for place in seen for i in range(kernel)}
            return len(seen)
        """,
    ],
)
