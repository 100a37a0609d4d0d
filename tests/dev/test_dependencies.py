"""pyproject.toml is the one list: what is imported stands in it."""

import ast
import itertools
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nnlab.dev import paths

PROJECT = tomllib.loads(paths.PYPROJECT.read_text("utf-8"))["project"]
BASE = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
TEST = BASE | {canonicalize_name(Requirement(text).name) for text in PROJECT["optional-dependencies"]["test"]}


def imported(path: Path, everywhere: bool) -> Iterable[str]:
    """The packages that a module imports at its top; a function may try one and do without."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def unlisted(files: Iterable[Path], listed: set[str], everywhere: bool = False) -> set[str]:
    files = list(files)
    scripts = {path.stem for path in (paths.ROOT / "data").glob("*.py")}  # which tests run on a smaller size
    known = sys.stdlib_module_names | {"nnlab", "tests"} | scripts | {path.stem for path in files}
    owners = metadata.packages_distributions()
    return {
        f"{path.relative_to(paths.ROOT)}: {name}"
        for path in files
        for name in imported(path, everywhere)
        if name not in known and not {canonicalize_name(owner) for owner in owners.get(name, [])} & listed
    }


def test_what_a_learner_runs_is_installed_for_a_learner() -> None:
    package = paths.ROOT / "nnlab"
    files = [path for path in package.rglob("*.py") if "dev" not in path.parts]
    assert unlisted(files, BASE) == set()


def test_what_a_tester_runs_is_installed_for_a_tester() -> None:
    assert unlisted((paths.ROOT / "nnlab" / "dev").rglob("*.py"), TEST) == set()
    benches, tests = paths.ROOT / "tests" / "bench", set((paths.ROOT / "tests").rglob("*.py"))
    assert unlisted(benches.glob("*.py"), TEST) == set()  # a peer that is not installed is left out
    assert unlisted(tests - set(benches.glob("*.py")), TEST, everywhere=True) == set()


def test_the_pin_of_torch_holds_the_cpu_build_too() -> None:
    lines = paths.CONSTRAINTS.read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    torch = next(pin for pin in pins if pin.name == "torch")
    (version,) = [spec.version for spec in torch.specifier]
    assert torch.specifier.contains(f"{version}+cpu") and torch.specifier.contains(f"{version}+cu130")


def test_every_requirement_is_pinned_in_its_range() -> None:
    from packaging.requirements import Requirement

    lines = paths.CONSTRAINTS.read_text("utf-8").splitlines()
    pins = {canonicalize_name(pin.name): pin for pin in map(Requirement, (x for x in lines if not x.startswith("#")))}
    for text in itertools.chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        wanted = Requirement(text)
        (pin,) = pins[canonicalize_name(wanted.name)].specifier
        assert pin.operator == "==" and wanted.specifier.contains(pin.version), text
        assert {spec.operator for spec in wanted.specifier} == {">=", "<"}, f"{text} needs a lower and an upper bound"
