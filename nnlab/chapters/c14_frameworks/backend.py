"""Keras 3 on top of PyTorch: the one place that imports Keras.

    from nnlab.chapters.c14_frameworks.backend import keras

Keras chooses its backend when it is imported: KERAS_BACKEND, else a file in the home folder, else TensorFlow. It also
writes that file if there is none. Here the backend is PyTorch, and the home folder is neither read nor written.
"""

from __future__ import annotations

import os
import tempfile
from types import ModuleType


def import_keras() -> ModuleType:
    """The module `keras` on PyTorch. Raises RuntimeError if it was imported with another backend before."""
    home = os.environ.get("KERAS_HOME")
    with tempfile.TemporaryDirectory() as empty:
        os.environ.update(KERAS_BACKEND="torch", KERAS_HOME=empty)
        try:
            import keras
        finally:
            if home is None:
                del os.environ["KERAS_HOME"]
            else:
                os.environ["KERAS_HOME"] = home
    if (name := keras.backend.backend()) != "torch":
        raise RuntimeError(f"Keras should run on torch here, but was imported with {name}: restart the kernel.")
    return keras


keras = import_keras()
