"""Chapter 11: what its exercises recognise, however it is written."""

import pytest

from nnlab.exercises import ALL


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        (
            """
    import shutil
    if os.path.exists(path):
        shutil.copy(path, path + ".bak")
    try:
        torch.save(state, path)
    except BaseException:
        shutil.copy(path + ".bak", path)
        raise
""",
            "written in memory first",
        ),
        (
            """
    torch.save(state, path + ".new")
    if os.path.exists(path):
        os.rename(path, path + ".old")
    os.rename(path + ".new", path)
""",
            "removed first",
        ),
        (
            """
    from pathlib import Path
    Path(path + ".new").unlink(missing_ok=True)
    torch.save(state, path + ".new")
    Path(path).unlink(missing_ok=True)
    Path(path + ".new").rename(path)
""",
            "removed first",
        ),
        (
            """
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        torch.save(state, os.path.join(folder, "new"))
        os.replace(os.path.join(folder, "new"), path)
""",
            "from another folder",
        ),
    ],
)
def test_a_save_that_can_lose_the_file_is_recognised(body, mistake):
    """11.3: however it is written, there must be a whole file under the name at every moment."""
    exercise = ALL["11.3"]
    report = exercise.check(*vars(exercise.build(f"def save(state, path):{body}")).values())
    assert report.mistake == mistake, report.text


def test_a_state_that_cannot_be_read_safely_is_explained_in_words():
    exercise = ALL["11.3"]
    report = exercise.check(*vars(exercise.build(exercise.wrong["things, not their states"].source)).values())
    assert "only tensors, numbers, lists and dicts" in " ".join(report.text.split()) and "\x1b" not in report.text


@pytest.mark.parametrize("seed", range(5))
def test_he_initialisation_from_other_generators_passes(seed):
    """11.1 judges standard deviations, so no right answer may fail by bad luck."""
    source = f"""
def he_normal(shape, gain, rng):
    own = np.random.default_rng([{seed}, int(rng.integers(2**60))])
    return own.standard_normal(shape) * gain / np.prod(shape[1:]) ** 0.5
def he_uniform(shape, gain, rng):
    own = np.random.default_rng([{seed}, int(rng.integers(2**60))])
    return own.uniform(-1, 1, shape) * gain * (3 / np.prod(shape[1:])) ** 0.5
"""
    report = ALL["11.1"].check(*vars(ALL["11.1"].build(source)).values())
    assert report.solved, report.text
