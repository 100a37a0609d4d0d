"""Exercise 11.3: a run that survives."""

from nnlab.chapters.c11_training_craft._ex3_answers import ALSO_RIGHT, WRONG
from nnlab.chapters.c11_training_craft._ex3_checks import (
    STEPS,
    between_two_writes,
    failed_write,
    first_difference,
    second_write,
    state_disturbs,
    what_comes_back,
)
from nnlab.exercises.exercise import Case, Exercise

EXERCISE = Exercise(
    id="11.3",
    title="a run that survives",
    stub='''
        def state(run):
            """Return in one dict all that the next steps of run depend on, as tensors, numbers, lists and
            dicts. The run goes on afterwards; what you return must not change with it"""
            ...  # your code


        def restore(run, state):
            """Put all of it into run, which was just made by SmallRun() in a new process"""
            ...  # your code


        def save(state, path):
            """Write state by torch.save, so that path (a str) always holds a whole file: the old one
            or the new one, also when writing fails half-way. An error on the way is not hidden"""
            ...  # your code
        ''',
    hints=[
        "Read SmallRun again. What does a step read, and what does it change? Which generator does dropout use? And "
        "if the machine stops in the middle of torch.save, what is left of the old file?",
        """
        seven things: model, opt, schedule (state_dict), order, place, generator (get_state),
        and PyTorch's own generator (torch.get_rng_state): dropout uses it
        a copy of everything: copy.deepcopy
        write to another name in the same folder, then os.replace(other, path)
        """,
        """
        import copy, os

        def state(run):
            return copy.___({
                "model": run.model.state_dict(), "opt": ___, "schedule": ___,
                "order": run.order, "place": run.place,
                "generator": run.generator.get_state(), "torch": torch.___(),
            })

        def restore(run, state):
            run.model.load_state_dict(state["model"])
            ...
            run.generator.set_state(___)
            torch.___(state["torch"])

        def save(state, path):
            torch.save(state, path + ".new")
            os.___(path + ".new", path)
        """,
    ],
    solution="""
        import copy
        import os
        import torch

        def state(run):
            return copy.deepcopy({
                "model": run.model.state_dict(),
                "opt": run.opt.state_dict(),
                "schedule": run.schedule.state_dict(),
                "order": run.order,
                "place": run.place,
                "generator": run.generator.get_state(),
                "torch": torch.get_rng_state(),
            })

        def restore(run, state):
            run.model.load_state_dict(state["model"])
            run.opt.load_state_dict(state["opt"])
            run.schedule.load_state_dict(state["schedule"])
            run.order, run.place = state["order"], state["place"]
            run.generator.set_state(state["generator"])
            torch.set_rng_state(state["torch"])

        def save(state, path):
            torch.save(state, path + ".new")
            os.replace(path + ".new", path)
        """,
    cases=[
        Case("what is restored after a stop at step 7", what_comes_back, (7,), expected="everything", hint=2),
        Case("taking the state changes nothing in the run", state_disturbs, expected="everything", hint=2),
        Case(
            "the state stays as it was taken, while the run goes on for 4 steps",
            what_comes_back,
            (7, 4),
            expected="everything",
            hint=2,
        ),
        Case("a state is written and read back, twice", second_write, expected=2, hint=3),
        Case(
            "stopped in the middle of an epoch, through the file, and on to step 12",
            first_difference,
            ([7],),
            expected="the same to the last bit",
            hint=2,
        ),
        Case(
            "stopped at any step, at the borders of epochs, too",
            first_difference,
            (list(range(STEPS)),),
            expected="the same to the last bit",
            hint=2,
        ),
        Case(
            "writing fails half-way: what the file holds, and whether you are told",
            failed_write,
            expected=("the state of before", "the error"),
            hint=3,
        ),
        Case(
            "while a good state is written: what stands under this name",
            between_two_writes,
            expected="the old file, then the new one",
            hint=3,
        ),
    ],
    wrong=WRONG,
    also_right=ALSO_RIGHT,
)
