"""Exercise 14.2: a model with two inputs."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _model(objects: Any) -> Any:
    """The learner's model for pictures (4, 4, 1), 3 numbers and 5 classes, with every weight the same each time."""
    model = objects.two_inputs((4, 4, 1), 3, 5)
    if not hasattr(model, "weights") or not hasattr(model, "inputs"):
        raise TypeError(f"Return a keras.Model; what came is a {type(model).__name__}.")
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.normal(size=tuple(weight.shape)).astype(np.float32) / 2)
    return model


def _inputs(objects: Any) -> list[tuple[int | None, ...]]:
    return [tuple(x.shape) for x in _model(objects).inputs]


def _output(objects: Any) -> Any:
    return [tuple(y.shape) for y in _model(objects).outputs]


def _weights(objects: Any) -> list[tuple[int, ...]]:
    return sorted(tuple(w.shape) for w in _model(objects).weights)


def _answers(objects: Any, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture, numbers = rng.normal(size=(6, 4, 4, 1)), rng.normal(size=(6, 3))
    y = _model(objects)([picture.astype(np.float32), numbers.astype(np.float32)])
    return y.detach().numpy().astype(float)


def _range(objects: Any) -> str:
    y = _answers(objects)
    return "probabilities" if (y >= 0).all() and np.allclose(y.sum(axis=1), 1, atol=1e-4) else "logits"


FLATTEN_DENSE = 'a = layers.Dense(16, activation="relu")(layers.Flatten()(image))'
NUMBERS_DENSE = 'b = layers.Dense(8, activation="relu")(extra)'
OUT = "logits = layers.Dense(classes)(layers.Concatenate()([a, b]))"

EXERCISE = Exercise(
    id="14.2",
    title="a model with two inputs",
    stub='''
        def two_inputs(shape, numbers, classes):
            """Return a keras.Model that takes [pictures (N, *shape), numbers (N, numbers)] and gives
            logits (N, classes). Pictures: Flatten, Dense of 16 with ReLU. Numbers: Dense of 8 with ReLU.
            Both, the pictures' part first, side by side: Dense without an activation"""
            ...  # your code
        ''',
    hints=[
        "Each keras.Input begins a chain of its own, and a layer that is called on a chain's end makes it longer. "
        "Which layer joins two chains into one?",
        """
        a = relu(Dense16(flatten(image)));  b = relu(Dense8(extra));  logits = Dense([a, b])
        model = Model(inputs = both, outputs = logits)
        """,
        """
        image, extra = keras.Input(shape), keras.Input((numbers,))
        a = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(___))
        b = keras.layers.Dense(8, activation="relu")(___)
        logits = keras.layers.Dense(classes)(keras.layers.Concatenate()([___, ___]))
        return keras.Model([___, ___], logits)
        """,
    ],
    solution=f"""
        from nnlab.chapters.c14_frameworks.backend import keras

        def two_inputs(shape, numbers, classes):
            layers = keras.layers
            image, extra = keras.Input(shape), keras.Input((numbers,))
            {FLATTEN_DENSE}
            {NUMBERS_DENSE}
            {OUT}
            return keras.Model([image, extra], logits)
        """,
    cases=[
        Case("it takes pictures, then numbers", _inputs, (), expected=[(None, 4, 4, 1), (None, 3)], hint=1),
        Case("it gives a number for each class", _output, (), expected=[(None, 5)], hint=2),
        Case(
            "its layers have the sizes asked for",
            _weights,
            (),
            expected=[(3, 8), (5,), (8,), (16,), (16, 16), (24, 5)],
            hint=3,
        ),
        Case("they are logits", _range, (), expected="logits", hint=2),
        Case("it computes the same", _answers, (), hint=3, rtol=1e-4, atol=1e-4),
    ],
    wrong={
        "softmax at the end": Wrong(
            {OUT: 'logits = layers.Dense(classes, activation="softmax")(layers.Concatenate()([a, b]))'},
            "Your model gives probabilities: it has a softmax at its end. Wanted are logits.",
        ),
        "no ReLU": Wrong(
            {FLATTEN_DENSE: "a = layers.Dense(16)(layers.Flatten()(image))"},
            'A Dense layer has no activation unless you name one: activation="relu" for the pictures\' part too.',
        ),
        "no ReLU for the numbers": Wrong(
            {NUMBERS_DENSE: "b = layers.Dense(8)(extra)"},
            'The numbers\' Dense layer has no activation: it needs activation="relu".',
        ),
        "numbers first": Wrong(
            {OUT: "logits = layers.Dense(classes)(layers.Concatenate()([b, a]))"},
            "You put the numbers' part before the pictures'. The order of the joined features decides which weight "
            "each one meets.",
        ),
        "inputs the other way round": Wrong(
            {"return keras.Model([image, extra], logits)": "return keras.Model([extra, image], logits)"},
            "The model takes numbers first. It should take [pictures, numbers].",
        ),
        "not flattened": Wrong(
            {FLATTEN_DENSE: 'a = layers.Flatten()(layers.Dense(16, activation="relu")(image))'},
            "You flattened after the Dense layer, which then works on each pixel by itself. Flatten first.",
        ),
    },
    also_right=[
        """
        def two_inputs(shape, numbers, classes):
            image, extra = keras.Input(shape=shape, name="image"), keras.Input(shape=(numbers,), name="extra")
            a = keras.layers.Flatten()(image)
            a = keras.layers.ReLU()(keras.layers.Dense(16)(a))
            b = keras.layers.Activation("relu")(keras.layers.Dense(8)(extra))
            both = keras.layers.concatenate([a, b])
            return keras.Model(inputs=[image, extra], outputs=keras.layers.Dense(classes)(both), name="two")
        """,
        """
        def two_inputs(shape, numbers, classes):
            image, extra = keras.Input(shape), keras.Input((numbers,))
            flat = keras.layers.Reshape((int(np.prod(shape)),))(image)
            a = keras.ops.relu(keras.layers.Dense(16)(flat))
            b = keras.ops.relu(keras.layers.Dense(8)(extra))
            both = keras.ops.concatenate([a, b], axis=-1)
            return keras.Model([image, extra], keras.layers.Dense(classes, activation="linear")(both))
        """,
    ],
)
