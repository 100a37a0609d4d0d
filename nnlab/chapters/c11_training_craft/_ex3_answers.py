"""Exercise 11.3: known wrong answers, and right answers written differently."""

from nnlab.exercises.exercise import Wrong


def _checkpointing(
    state: str = "", restore: str = "", before: str = "copy.deepcopy(", after: str = ")", save: str = ""
) -> str:
    """A source of 11.3 that leaves out some lines, or has others instead."""
    kept = {
        "model": ("run.model.state_dict()", 'run.model.load_state_dict(state["model"])'),
        "opt": ("run.opt.state_dict()", 'run.opt.load_state_dict(state["opt"])'),
        "schedule": ("run.schedule.state_dict()", 'run.schedule.load_state_dict(state["schedule"])'),
        "order": ("run.order", 'run.order = state["order"]'),
        "place": ("run.place", 'run.place = state["place"]'),
        "generator": ("run.generator.get_state()", 'run.generator.set_state(state["generator"])'),
        "torch": ("torch.get_rng_state()", 'torch.set_rng_state(state["torch"])'),
    }
    left_out = state.split()
    lines = ["import copy, os", "import torch", "def state(run):", f"    return {before}{{"]
    lines += [f'        "{name}": {get},' for name, (get, _) in kept.items() if name not in left_out]
    lines += [f"    }}{after}", "def restore(run, state):"]
    lines += [f"    {put}" for name, (_, put) in kept.items() if name not in left_out]
    lines += [f"    {restore}"] if restore else []
    lines += save.splitlines() if save else []
    return "\n".join(lines)


WRONG: dict[str, Wrong] = {
    "only the weights": Wrong(
        _checkpointing("opt schedule order place generator torch"),
        "With only the weights it runs, but is a different run. Six more things must come back.",
    ),
    "optimizer forgotten": Wrong(
        _checkpointing("opt"),
        "AdamW starts with empty averages, and the learning rate starts again. Keep run.opt.state_dict() as well.",
    ),
    "schedule forgotten": Wrong(
        _checkpointing("schedule"),
        "The schedule counts from 0 again, so the next cut comes too late. Keep its state_dict() as well.",
    ),
    "generators forgotten": Wrong(
        _checkpointing("generator torch"),
        "No generator comes back as it was: keep both states. (A seed would set them to where they began.)",
    ),
    "generator of orders forgotten": Wrong(
        _checkpointing("generator"),
        "This epoch ends well, and the next has a different order. Keep run.generator.get_state().",
    ),
    "dropout's generator forgotten": Wrong(
        _checkpointing("torch"),
        "Dropout uses PyTorch's own generator. Keep torch.get_rng_state(), and set it again.",
    ),
    "place forgotten": Wrong(
        _checkpointing("place"),
        "The epoch starts again, and rows that were read are read twice. Keep run.place.",
    ),
    "order forgotten": Wrong(
        _checkpointing("order"),
        "The place is right, but in a different order: some rows come twice, some never. Keep run.order.",
    ),
    "sampler forgotten": Wrong(
        _checkpointing("order place"),
        "The epoch starts again in the first epoch's order. Keep run.order and run.place.",
    ),
    "sampler and its generator forgotten": Wrong(
        _checkpointing("order place generator"),
        "What a step reads next is lost. Keep run.order, run.place and run.generator.get_state().",
    ),
    "things, not their states": Wrong(
        """
        import copy
        def state(run):
            return copy.deepcopy(vars(run) | {"torch": torch.get_rng_state()})
        def restore(run, state):
            for name, value in state.items():
                if name != "torch":
                    setattr(run, name, value)
            torch.set_rng_state(state["torch"])
        """,
        "In memory that works. In a file a whole model or optimizer is code as well as numbers.",
    ),
    "shallow": Wrong(
        _checkpointing(before="", after=""),
        "state_dict() hands out the live tensors, and training goes on writing into them. Copy: copy.deepcopy(...); "
        "a plain copy.copy is a new dict with the same tensors.",
    ),
    "writes in place": Wrong(
        """
        def save(state, path):
            torch.save(state, path)
        """,
        "The old file is gone before the new one is whole. Write next to it, then os.replace.",
    ),
    "written in memory first": Wrong(
        """
        import io
        def save(state, path):
            memory = io.BytesIO()
            torch.save(state, memory)
            with open(path, "wb") as file:
                file.write(memory.getvalue())
        """,
        "Opening path for writing empties the old file, and a power cut leaves half of the new one. Write to "
        "another name in the same folder, then os.replace.",
    ),
    "removed first": Wrong(
        """
        def save(state, path):
            torch.save(state, path + ".new")
            if os.path.exists(path):
                os.remove(path)
            os.rename(path + ".new", path)
        """,
        "You take the old file away before the new one has its name: in between there is none. os.replace does "
        "both at once.",
    ),
    "from another folder": Wrong(
        """
        import shutil
        import tempfile
        def save(state, path):
            with tempfile.NamedTemporaryFile(delete=False) as file:
                torch.save(state, file)
            shutil.move(file.name, path)
        """,
        "The folder for temporary files may be on another disk, and from there a file is copied, not renamed. "
        "Write into the folder of path.",
    ),
    "failure hidden": Wrong(
        """
        def save(state, path):
            try:
                torch.save(state, path + ".new")
                os.replace(path + ".new", path)
            except Exception:
                pass
        """,
        "The old file is safe, but nobody is told that saving failed. Let the error pass.",
    ),
    "never replaced": Wrong(
        """
        def save(state, path):
            torch.save(state, path if not os.path.exists(path) else path + ".new")
        """,
        "The second state stays next to the first forever. Move it into its place: os.replace.",
    ),
}

ALSO_RIGHT: list[str] = [
    """
    import copy, os, tempfile
    import torch
    PARTS = "model opt schedule".split()
    def state(run):
        kept = {name: copy.deepcopy(getattr(run, name).state_dict()) for name in PARTS}
        generators = [run.generator.get_state(), torch.get_rng_state()]
        return kept | {"place": [run.order.tolist(), run.place], "generators": generators}
    def restore(run, state):
        for name in PARTS:
            getattr(run, name).load_state_dict(state[name])
        order, run.place = state["place"]
        run.order = torch.tensor(order)
        run.generator.set_state(state["generators"][0])
        torch.random.set_rng_state(state["generators"][1])
    def save(state, path):
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    """,
    """
    import os
    import torch
    def copied(thing):
        if torch.is_tensor(thing):
            return thing.detach().clone()
        if isinstance(thing, dict):
            return {key: copied(value) for key, value in thing.items()}
        return [copied(value) for value in thing] if isinstance(thing, list) else thing
    def state(run):
        own = (run.generator.get_state(), torch.random.get_rng_state())
        parts = (run.model.state_dict(), run.opt.state_dict(), run.schedule.state_dict())
        return {"all": copied([dict(parts[0]), *parts[1:], run.order, run.place, *own])}
    def restore(run, state):
        model, opt, schedule, run.order, run.place, orders, own = state["all"]
        run.model.load_state_dict(model)
        run.schedule.load_state_dict(schedule)
        run.opt.load_state_dict(opt)
        run.generator.set_state(orders)
        torch.set_rng_state(own)
    def save(state, path):
        try:
            with open(path + ".part", "wb") as file:
                torch.save(state, file)
        except BaseException:
            os.remove(path + ".part")
            raise
        os.replace(path + ".part", path)
    """,
    """
    import copy
    from pathlib import Path
    import torch
    def state(run):
        return {"model": {n: p.clone() for n, p in run.model.state_dict().items()},
                "opt": copy.deepcopy(run.opt.state_dict()), "schedule": dict(run.schedule.state_dict()),
                "order": run.order.clone(), "place": torch.tensor(run.place),
                "a": run.generator.get_state(), "b": torch.default_generator.get_state()}
    def restore(run, state):
        with torch.no_grad():
            for name, p in run.model.named_parameters():
                p.copy_(state["model"][name])
        run.opt.load_state_dict(state["opt"])
        run.schedule.load_state_dict(state["schedule"])
        run.order, run.place = state["order"], int(state["place"])
        run.generator.set_state(state["a"])
        torch.default_generator.set_state(state["b"])
    def save(state, path):
        beside = Path(path).with_suffix(".new")
        torch.save(state, beside)
        beside.replace(path)
    """,
    """
    import copy, os, shutil, tempfile
    import torch
    def state(run):  # of the order only what is still to come
        things = {"model": run.model, "opt": run.opt, "schedule": run.schedule}
        kept = {name: copy.deepcopy(thing.state_dict()) for name, thing in things.items()}
        generators = (run.generator.get_state(), torch.get_rng_state())
        return kept | {"rest": run.order[run.place:].clone(), "generators": generators}
    def restore(run, state):
        for name in ("model", "opt", "schedule"):
            getattr(run, name).load_state_dict(state[name])
        run.place = 20 - len(state["rest"])
        run.order = torch.cat([torch.zeros(run.place, dtype=torch.int64), state["rest"]])
        run.generator.set_state(state["generators"][0])
        torch.set_rng_state(state["generators"][1])
    def save(state, path):  # through a folder beside it, with a copy of the old one
        if os.path.exists(path):
            shutil.copy(path, path + ".bak")
        with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
            torch.save(state, os.path.join(folder, "new"))
            os.rename(os.path.join(folder, "new"), path)
    """,
]
