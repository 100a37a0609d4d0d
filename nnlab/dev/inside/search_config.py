"""What a TOML file with a table [search] says: the study, its space, and the configuration that a trial alters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import optuna

from nnlab import datasets
from nnlab.checks import need_size
from nnlab.dev.inside.train import Config, checked, load
from nnlab.files import expand
from nnlab.pytorch import study as studies

KEYS = ("trials", "sampler", "pruner", "storage", "space")
CONFIG_TABLES = ("model_options", "optimizer_options")


@dataclass
class Search:
    """The table [search] of a configuration, and the configuration that each trial alters."""

    config: Config
    trials: int
    sampler: str
    pruner: str
    storage: str
    space: dict[str, Any]

    @property
    def about(self) -> dict[str, Any]:
        """What makes results comparable: all that a trial's value depends on, and the checksum of shipped data."""
        fixed = {name: value for name, value in asdict(self.config).items() if name != "out"}
        space = {name: optuna.distributions.distribution_to_json(d) for name, d in self.space.items()}
        if self.config.data != "mnist":  # not shipped: it is checked where it is read
            return {**fixed, "space": space}
        sums = datasets.files.find("mnist.npz").with_name("sha256.txt")  # find has compared the file with it
        digest = next(line.split()[0] for line in sums.read_text("utf-8").splitlines() if line.endswith(" mnist.npz"))
        return {**fixed, "space": space, "data_sha256": digest}

    def open(self, seed: int | None = None) -> optuna.Study:
        """The study in its storage, made if it is not there."""
        return studies.open_study(
            self.storage,
            expand(self.config.out).name,
            about=self.about,
            epochs=self.config.epochs,
            sampler=self.sampler,
            pruner=self.pruner,
            seed=seed,
        )

    @property
    def locks(self) -> Path | None:
        """The folder of the workers' locks; None with a database, which has heartbeats."""
        return None if "://" in self.storage else expand(self.config.out) / "workers"


def read_search(path: str | Path, trials: int | None = None) -> Search:
    """Read a configuration with its table [search]. Raises ValueError or TypeError, with a sentence, if it cannot
    work; `trials` takes the place of the file's."""
    found = load(path)
    table = found.pop("search", None)
    if not isinstance(table, dict) or not isinstance(table.get("space"), dict):
        raise ValueError(f"{path} has no [search.space]: configs/mnist_search.toml shows one.")
    for key in table:
        if key not in KEYS:
            raise ValueError(f"{path}: [search] has no key {key}; there are {', '.join(KEYS)}.")
    config, space = checked(found, path), studies.search_space(table["space"])
    search = Search(
        config,
        need_size(trials or table.get("trials", 20), "trials"),
        table.get("sampler", "tpe"),
        table.get("pruner", "median"),
        table.get("storage", f"{config.out}/journal.log"),
        space,
    )
    for name, distribution in space.items():
        altered(config, {name: getattr(distribution, "low", None)})  # refuses a name that there is not
    return search


def altered(config: Config, values: Mapping[str, Any]) -> Config:
    """The configuration with some values replaced: {"batch_size": 64, "optimizer_options.lr": 0.01}.

    Raises ValueError for a name that a configuration does not have."""
    fields = asdict(config)
    for name, value in values.items():
        table, _, key = name.rpartition(".")
        if (table and table not in CONFIG_TABLES) or (not table and key not in fields):
            raise ValueError(
                f"[search.space] names {name}, which is no key of a configuration: write batch_size, "
                "optimizer_options.lr or model_options.dropout, for example."
            )
        if table:
            fields[table] = {**fields[table], key: value}
        else:
            fields[key] = value
    return Config(**fields)


def toml(config: Config) -> str:
    """The configuration as `read` takes it."""
    plain, tables = [], []
    for name, value in asdict(config).items():
        if isinstance(value, dict):
            tables += [f"[{name}]", *(f"{key} = {json.dumps(one)}" for key, one in value.items())]
        elif value is not None:
            plain.append(f"{name} = {json.dumps(value)}")
    return "\n".join([*plain, *tables]) + "\n"
