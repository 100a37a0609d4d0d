"""Trains the network of chapter 14's callbacks and writes data/keras_curve.npz: `python data/train_keras.py`.

Keras on PyTorch: three convolutions with batch normalisation, as in the chapter, on 1,200 of the 1,906 emoji, at a
constant learning rate and with nothing that stops it, so that callbacks can be tried on what it recorded.
    python data/train_keras.py    train (one to two minutes on two cores), print the figures, write the file
Another processor rounds in a different order: the curves come out alike, the bytes need not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from build import npz, write

from nnlab.chapters.c14_frameworks.backend import keras
from nnlab.datasets import emoji

EPOCHS, TRAIN, BATCH, LR, SEED = 60, 1200, 64, 0.002, 0
CHANNELS, HIDDEN, DROPOUT = (8, 16, 32), 64, 0.3


def network() -> Any:
    """(N, 32, 32, 3) from 0 to 1 -> logits of 9 categories."""
    x = inputs = keras.Input((32, 32, 3))
    for channels in CHANNELS:
        x = keras.layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.MaxPooling2D(2)(keras.layers.Activation("relu")(x))
    x = keras.layers.Dense(HIDDEN, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(inputs, keras.layers.Dense(9)(keras.layers.Dropout(DROPOUT)(x)))


def curves(epochs: int = EPOCHS, train: int = TRAIN) -> dict[str, np.ndarray]:
    """Loss and accuracy after each epoch, (epochs,) float32: of training (loss, accuracy) and of the other emoji
    (val_loss, val_accuracy)."""
    keras.utils.set_random_seed(SEED)
    data = emoji()
    x, order = data.images / np.float32(255), np.random.default_rng(SEED).permutation(len(data.labels))
    (x, others), (y, answers) = (np.split(a[order], [train]) for a in (x, data.labels))
    model = network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(LR), loss, metrics=["accuracy"])
    run = model.fit(x, y, batch_size=BATCH, epochs=epochs, validation_data=(others, answers), verbose=0)
    return {name: np.array(values, np.float32) for name, values in run.history.items()}


def main() -> None:
    """Train, print, write."""
    found = curves()
    for name, values in found.items():
        print(name, np.round(values, 3).tolist())
    print(f"best epoch {1 + found['val_loss'].argmin()} of {EPOCHS}, counted from 1")
    write("keras_curve.npz", npz(**found))


if __name__ == "__main__":
    main()
