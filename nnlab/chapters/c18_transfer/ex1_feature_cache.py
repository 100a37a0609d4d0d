"""Exercise 18.1: a feature cache that is never stale."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


class Spy:
    """A backbone that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, images: np.ndarray, size: int) -> np.ndarray:
        self.calls += 1
        return images.reshape(len(images), -1).astype(float) * size


def _images(seed: int, shape: tuple[int, ...] = (4, 3, 3)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def _value(objects: Any) -> Any:
    return objects.cached(Spy(), _images(0), 64, {})


def _calls(objects: Any, second: str) -> int:
    """How often the backbone is called in two calls, of which the second differs as `second` says."""
    spy, images, size = Spy(), _images(0), 64
    cache: dict[Any, Any] = {}
    objects.cached(spy, images, size, cache)
    if second == "another copy":
        images = images.copy()
    elif second == "other pictures":
        images = _images(1)
    elif second == "shuffled pictures":
        images = images[::-1].copy()
    elif second == "another size":
        size = 96
    elif second == "changed in place":
        images[0, 0, 0] += 1
    elif second == "another shape":
        images = images.reshape(2, 6, 3)
    objects.cached(spy, images, size, cache)
    return spy.calls


def _both(objects: Any) -> list[Any]:
    """What comes back of the cache is what was asked for."""
    spy = Spy()
    cache: dict[Any, Any] = {}
    asked = [(_images(0), 64), (_images(1), 64), (_images(0), 96), (_images(0), 64)]
    return [objects.cached(spy, images, size, cache) for images, size in asked]


EXERCISE = Exercise(
    id="18.1",
    title="a feature cache that is never stale",
    stub='''
        def cached(backbone, images, size, cache):
            """Return backbone(images, size), which is slow. Keep it in `cache`, a dictionary, so that
            the backbone is called only if the same pictures at the same size were not asked for before.
            images: (N, ...) uint8; two arrays of the same shape with the same bytes are the same"""
            ...  # your code
        ''',
    hints=[
        "The features change if the pictures' bytes change, or their shape, or the size. What has to be in the key?",
        """
        key = (bytes of the pictures, their shape, size)        features = cache[key]
        """,
        """
        key = (images.tobytes(), ___, ___)
        if key not in cache:
            cache[key] = ___
        return cache[key]
        """,
    ],
    solution="""
        def cached(backbone, images, size, cache):
            key = (images.tobytes(), images.shape, size)
            if key not in cache:
                cache[key] = backbone(images, size)
            return cache[key]
        """,
    cases=[
        Case("the features", _value, hint=2),
        Case("the same again: one call of the backbone", _calls, ("the same",), expected=1, hint=3),
        Case("a copy of the pictures: still one", _calls, ("another copy",), expected=1, hint=2),
        Case("other pictures: two calls", _calls, ("other pictures",), expected=2, hint=2),
        Case("the same pictures in another order: two calls", _calls, ("shuffled pictures",), expected=2, hint=2),
        Case("another size: two calls", _calls, ("another size",), expected=2, hint=2),
        Case("a pixel was changed in place: two calls", _calls, ("changed in place",), expected=2, hint=2),
        Case("the same bytes in another shape: two calls", _calls, ("another shape",), expected=2, hint=2),
        Case("four questions get four right answers", _both, hint=3),
    ],
    wrong={
        "sum": Wrong(
            {"key = (images.tobytes(), images.shape, size)": "key = (int(images.sum()), images.shape, size)"},
            "Many pictures have the same sum, such as the same ones in another order. The bytes themselves differ.",
        ),
        "no cache": Wrong(
            "def cached(backbone, images, size, cache): return backbone(images, size)",
            "The backbone is called each time. Look into the cache first.",
        ),
        "by identity": Wrong(
            {"key = (images.tobytes(), images.shape, size)": "key = (id(images), images.shape, size)"},
            "id says which object it is, not what is in it: a copy counts as different, and pictures that change in "
            "place count as the same. Take the bytes.",
        ),
        "size forgotten": Wrong(
            {"key = (images.tobytes(), images.shape, size)": "key = (images.tobytes(), images.shape)"},
            "The size is not in your key: at another size you get the old features. That is how the wrong preparation "
            "goes unnoticed.",
        ),
        "shape only": Wrong(
            {"key = (images.tobytes(), images.shape, size)": "key = (images.shape, size)"},
            "Other pictures of the same shape get the features of the first ones. The bytes belong in the key.",
        ),
        "shape forgotten": Wrong(
            {"key = (images.tobytes(), images.shape, size)": "key = (images.tobytes(), size)"},
            "Four pictures of 3 x 3 and two of 6 x 3 can have the same bytes. The shape belongs in the key.",
        ),
        "one place": Wrong(
            """
            def cached(backbone, images, size, cache):
                if "features" not in cache:
                    cache["features"] = backbone(images, size)
                return cache["features"]
            """,
            "There is one place for everything: whatever was asked first comes back forever. Make a key of the inputs.",
        ),
    },
    also_right=[
        """
        import hashlib
        def cached(backbone, images, size, cache):
            about = f"{images.shape} {size}".encode()
            key = hashlib.sha256(about + images.tobytes()).hexdigest()
            try:
                return cache[key]
            except KeyError:
                cache[key] = found = backbone(images, size)
                return found
        """,
        """
        def cached(backbone, images, size, cache):
            key = str(images.tolist()), size
            found = cache.get(key)
            if found is None:
                found = cache.setdefault(key, backbone(images, size))
            return found
        """,
    ],
)
