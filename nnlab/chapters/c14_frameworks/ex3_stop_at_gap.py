"""Exercise 14.3: a callback of your own."""

from types import SimpleNamespace
from typing import Any

from nnlab.exercises.exercise import Case, Exercise, Wrong

CALM = [(1.0, 1.1), (0.8, 0.9), (0.6, 0.8), (0.5, 0.75)]
APART = [(1.0, 1.1), (0.6, 1.0), (0.5, 1.0), (0.4, 1.1), (0.3, 1.2)]
EASY = [(1.5, 1.1), (1.4, 1.0), (1.3, 0.9)]  # dropout makes training look worse
BROKEN = [(1.0, 1.5), (0.9, 1.0), (0.6, 1.1), (0.5, 1.0), (0.4, 1.2)]


def _end(callback: Any, losses: list[tuple[float, float]]) -> int:
    """The epoch, counted from 1, after which the callback asks the model to stop; 0 for never."""
    model = SimpleNamespace(stop_training=False)
    callback.set_model(model)
    callback.on_train_begin({})
    for epoch, (loss, val_loss) in enumerate(losses):
        callback.on_epoch_begin(epoch, {})
        callback.on_epoch_end(epoch, {"loss": loss, "val_loss": val_loss})
        if model.stop_training:
            return epoch + 1
    return 0


def _stops(objects: Any, gap: float, patience: int, losses: list[tuple[float, float]]) -> int:
    return _end(objects.StopAtGap(gap, patience), losses)


def _twice(objects: Any) -> list[int]:
    """The same callback in a second run, which begins with a gap."""
    callback = objects.StopAtGap(0.3, 2)
    return [_end(callback, APART), _end(callback, [(0.5, 1.0), (0.5, 0.6), (0.4, 0.5)])]


def _two_at_once(objects: Any) -> list[int]:
    """Two callbacks do not count together."""
    first, second = objects.StopAtGap(0.3, 2), objects.StopAtGap(0.3, 3)
    _end(first, APART[:2])
    return [_end(second, APART)]


EXERCISE = Exercise(
    id="14.3",
    title="a callback of your own",
    stub='''
        class StopAtGap(keras.callbacks.Callback):
            """End training when val_loss - loss is above `gap` in `patience` epochs in a row.
            logs of on_epoch_end has "loss" and "val_loss"; self.model.stop_training = True asks for the
            end. The same callback may serve several runs, and begins each one at zero"""

            def __init__(self, gap, patience):
                super().__init__()
                ...  # your code

            def on_train_begin(self, logs=None):
                """A run begins: count from zero."""
                ...  # your code

            def on_epoch_end(self, epoch, logs=None):
                """An epoch has ended: count, and perhaps stop."""
                ...  # your code
        ''',
    hints=[
        "Between two epochs the callback must remember one number. Which one, when does it grow, and when does it go "
        "back to zero?",
        """
        wait = wait + 1  if val_loss - loss > gap,  else 0
        stop when wait >= patience;  wait = 0 when training begins
        """,
        """
        on_train_begin:  self.wait = ___
        on_epoch_end:    apart = logs["val_loss"] - logs["loss"] > self.gap
                         self.wait = self.wait + 1 if apart else ___
                         if self.wait >= ___: self.model.stop_training = True
        """,
    ],
    solution="""
        from nnlab.chapters.c14_frameworks.backend import keras

        class StopAtGap(keras.callbacks.Callback):
            def __init__(self, gap, patience):
                super().__init__()
                self.gap, self.patience, self.wait = gap, patience, 0

            def on_train_begin(self, logs=None):
                self.wait = 0

            def on_epoch_end(self, epoch, logs=None):
                apart = logs["val_loss"] - logs["loss"] > self.gap
                self.wait = self.wait + 1 if apart else 0
                if self.wait >= self.patience:
                    self.model.stop_training = True
        """,
    cases=[
        Case("losses that stay together: it never stops", _stops, (0.3, 2, CALM), expected=0, hint=1),
        Case("training above validation is no overfitting", _stops, (0.3, 2, EASY), expected=0, hint=2),
        Case("two epochs apart in a row: after the third epoch", _stops, (0.3, 2, APART), expected=3, hint=2),
        Case("a gap that closes once counts from zero again", _stops, (0.3, 2, BROKEN), expected=4, hint=2),
        Case("patience 1 stops at the first", _stops, (0.3, 1, APART), expected=2, hint=3),
        Case("a wider gap is found later", _stops, (0.6, 2, APART), expected=5, hint=3),
        Case("a second run begins at zero", _twice, (), expected=[3, 0], hint=3),
        Case("two callbacks count by themselves", _two_at_once, (), expected=[4], hint=3),
    ],
    wrong={
        "never back to zero": Wrong(
            {"self.wait = self.wait + 1 if apart else 0": "self.wait = self.wait + 1 if apart else self.wait"},
            "You count all epochs with a gap. Asked for are epochs in a row: an epoch without a gap sets the count "
            "back to zero.",
        ),
        "one epoch late": Wrong(
            {"if self.wait >= self.patience:": "if self.wait > self.patience:"},
            "You stop one epoch late: after `patience` epochs in a row, not after one more.",
        ),
        "at the first gap": Wrong(
            {"if self.wait >= self.patience:": "if apart:"},
            "You stop at the first gap, whatever the patience is.",
        ),
        "training minus validation": Wrong(
            {
                'apart = logs["val_loss"] - logs["loss"] > self.gap': 'apart = logs["loss"] - logs["val_loss"] > '
                "self.gap"
            },
            "You subtracted the wrong way round: overfitting is a val_loss above the loss.",
        ),
        "the validation loss alone": Wrong(
            {'apart = logs["val_loss"] - logs["loss"] > self.gap': 'apart = logs["val_loss"] > self.gap'},
            "You compare val_loss with the gap. Compare the difference of both losses with it.",
        ),
        "no new beginning": Wrong(
            "class StopAtGap(keras.callbacks.Callback):\n"
            "    def __init__(self, gap, patience):\n"
            "        super().__init__()\n"
            "        self.gap, self.patience, self.wait = gap, patience, 0\n"
            "    def on_epoch_end(self, epoch, logs=None):\n"
            '        self.wait = self.wait + 1 if logs["val_loss"] - logs["loss"] > self.gap else 0\n'
            "        if self.wait >= self.patience:\n"
            "            self.model.stop_training = True\n",
            "In a second run your callback goes on counting where the first one ended. Set the count to zero in "
            "on_train_begin.",
        ),
        "nothing is asked for": Wrong(
            {"self.model.stop_training = True": "self.stop_training = True"},
            "Your callback sets something of its own. The model ends training when model.stop_training is True.",
        ),
    },
    also_right=[
        """
        class StopAtGap(keras.callbacks.Callback):
            def __init__(self, gap, patience):
                super().__init__()
                self.gap, self.patience = gap, patience
            def on_train_begin(self, logs=None):
                self.gaps = []
            def on_epoch_end(self, epoch, logs=None):
                self.gaps.append(logs["val_loss"] - logs["loss"])
                last = self.gaps[-self.patience:]
                if len(last) == self.patience and min(last) > self.gap:
                    self.model.stop_training = True
        """,
        """
        class StopAtGap(keras.callbacks.EarlyStopping):
            def __init__(self, gap, patience):
                keras.callbacks.Callback.__init__(self)
                self.gap, self.patience = gap, patience
            def on_train_begin(self, logs=None):
                self.left = self.patience
            def on_epoch_end(self, epoch, logs=None):
                logs = logs or {}
                if logs.get("val_loss") > logs.get("loss") + self.gap:
                    self.left -= 1
                else:
                    self.left = self.patience
                self.model.stop_training = self.left <= 0
            def on_train_end(self, logs=None):
                pass
        """,
    ],
)
