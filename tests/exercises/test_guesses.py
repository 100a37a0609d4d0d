"""A guess is asked, answered, kept, and told next to what came."""

import json
import multiprocessing

import numpy as np
import pytest

import nnlab.exercises as exercises
from nnlab.exercises import course_map, guess, guesses, progress, reveal
from nnlab.exercises.guess_form import GuessForm
from nnlab.exercises.guesses import Guess, close, first_number, keep, kept, parse_number, spell, told

OPTIONS = Guess("06.a", "How many weights?", ("9", "25", "784"))
STEPS = Guess("06.b", "How many steps?", unit="steps")


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(exercises, "ASKED", {"06.a": OPTIONS, "06.b": STEPS})
    return tmp_path / "progress.json"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", 1000),
        ("1,000", 1000),
        ("1 000", 1000),
        ("12,345.5", 12345.5),
        ("2.5e3", 2500),
        ("1E-12", 1e-12),
        ("10^-12", 1e-12),
        ("10**3", 1000),
        ("−3", -3),
        ("-10^2", -100),
        (".5", 0.5),
        ("40%", 0.4),
        (" 40 % ", 0.4),
    ],
)
def test_numbers_as_people_type_them(text, number):
    assert parse_number(text) == pytest.approx(number)


def test_a_percent_sign_says_nothing_new_where_percent_is_asked():
    assert parse_number("40%", percent=True) == parse_number("40", percent=True) == 40


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Please type a number."),
        ("  ", "Please type a number."),
        ("many", '"many" is no number. Examples: 1000, 2.5e3, 0.1, 40%.'),
        ("3 or 4", '"3 or 4" is no number.'),
        ("2,5", 'Is the comma in "2,5" a decimal point? Please write 2.5, or 2,500 for thousands.'),
        ("1,2,3", "Is the comma"),
        ("1e999", '"1e999" is no finite number.'),
        ("nan", '"nan" is no finite number.'),
        ("%", '"%" is no number.'),
        ("x" * 500, f'"{"x" * 30}…" is no number.'),
    ],
)
def test_what_is_no_number_gets_a_sentence(text, sentence):
    with pytest.raises(ValueError) as error:
        parse_number(text)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("number", "text"),
    [(9.0, "9"), (226981, "226,981"), (0.519, "0.519"), (1234.56, "1,235"), (1e-12, "1e-12"), (-2.5, "-2.5"), (0, "0")],
)
def test_numbers_are_spelled_to_be_read(number, text):
    assert spell(number) == text


def test_the_number_of_an_option():
    options = ("9", "about 1,000 steps", "40%", "10^-12", "none", "x1 first", "0.5, or so")
    assert [first_number(option) for option in options] == [9, 1000, 40, 1e-12, None, None, 0.5]


@pytest.mark.parametrize("id", ["6.a", "06.1", "06", "06.ab", "06.A", 6, None])
def test_an_id_of_another_kind_is_refused(id):
    with pytest.raises(ValueError, match=r'The id of a guess is like "06\.a"'):
        Guess(id, "?")
    with pytest.raises(ValueError, match=r'The id of a guess is like "06\.a"'):
        reveal(id, 3)


@pytest.mark.parametrize("options", [("one",), ("one", "one"), ("one", ""), ("one", 2)])
def test_options_that_are_no_choice_are_refused(options):
    with pytest.raises(ValueError, match=r"06\.a"):
        Guess("06.a", "?", options)


@pytest.mark.parametrize("tolerance", [{"within": -0.1}, {"factor": 1.0}, {"factor": 0.5}])
def test_a_tolerance_that_makes_no_sense_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"06\.a needs within >= 0 or factor > 1"):
        Guess("06.a", "?", **tolerance)


@pytest.mark.parametrize(
    ("asked", "answer", "value", "held"),
    [
        (STEPS, "110", 100, True),
        (STEPS, "90", 100, True),
        (STEPS, "111", 100, False),
        (STEPS, "-100", 100, False),
        (STEPS, "0", 0, True),
        (STEPS, "0.01", 0, False),
        (Guess("06.c", "?", within=0), "14", 14, True),
        (Guess("06.c", "?", within=0), "15", 14, False),
        (Guess("06.c", "?", factor=10), "1e-11", 1e-12, True),
        (Guess("06.c", "?", factor=10), "1e-13", 1e-12, True),
        (Guess("06.c", "?", factor=10), "1e-10", 1e-12, False),
        (Guess("06.c", "?", factor=10), "-1e-12", 1e-12, False),
        (Guess("06.c", "?", factor=2), "0", 0, False),
        (Guess("06.c", "?", unit="%"), "40%", 41, True),
        (OPTIONS, "25", 25, True),
        (OPTIONS, "9", 25, False),
    ],
)
def test_what_holds(asked, answer, value, held):
    assert asked.holds(answer, asked.truth(value)) is held


def test_what_came_is_one_of_the_options():
    which = Guess("06.c", "?", ("MSE", "Huber", "no difference"))
    assert which.truth("Huber")[0] == "Huber"
    assert which.truth(0.3, option="MSE")[0] == "MSE"
    yes = Guess("06.c", "?", ("yes", "no"))
    assert [yes.truth(value)[0] for value in (True, np.bool_(False), np.float64(1) > 2)] == ["yes", "no", "no"]
    assert OPTIONS.truth(np.int64(784))[0] == "784"
    assert Guess("06.c", "?", ("1e-12", "1e-15, the smallest")).truth(1e-12)[0] == "1e-12"
    assert Guess("06.c", "?", ("about 100 times", "about 10 times")).truth(95.0)[0] == "about 100 times"


@pytest.mark.parametrize(("value", "option"), [(50, None), ("26", None), (25, "26"), (True, None)])
def test_what_came_and_is_no_option_is_an_error(value, option):
    with pytest.raises(ValueError, match=r"should be exactly one option of guess 06\.a, and is"):
        OPTIONS.truth(value, option)


def test_two_options_near_what_came_are_an_error():
    with pytest.raises(ValueError, match=r"is 2 of 100, 101: 100, 101"):
        Guess("06.a", "?", ("100", "101")).truth(100)


def test_a_number_is_asked_and_a_text_comes():
    with pytest.raises(TypeError, match=r"Guess 06\.b asks for a number, and 'many' came"):
        STEPS.truth("many")


def test_the_last_answer_before_the_answer_comes_counts(file, capsys):
    keep(OPTIONS, "784")
    keep(OPTIONS, "25")
    assert kept("06.a") == {"guess": "25", "revealed": False, "held": None, "later": None}
    reveal("06.a", 25, "One kernel, all places.")
    first = capsys.readouterr().out
    assert first == "06.a  What came: 25. Your guess: 25. It held.\n  One kernel, all places.\n"
    before = file.read_bytes()
    reveal("06.a", 25, "One kernel, all places.")
    assert capsys.readouterr().out == first and file.read_bytes() == before
    keep(OPTIONS, "9")
    assert kept("06.a") == {"guess": "25", "revealed": True, "held": True, "later": "9"}
    reveal("06.a", 25, "One kernel, all places.")
    assert capsys.readouterr().out == first and progress().held == {"06.a": True}


def test_a_guess_that_misses_is_told_next_to_what_came(capsys):
    keep(STEPS, "1,000")
    reveal("06.b", 310.0, "Each step changes all weights.")
    said = capsys.readouterr().out
    assert said == (
        "06.b  What came: 310 steps. Your guess: 1,000 steps (it holds within 10%).\n  Each step changes all weights.\n"
    )
    assert progress().held == {"06.b": False}


def test_without_a_guess_the_answer_comes_all_the_same(capsys):
    reveal("06.a", 25)
    reveal("06.a", 25)
    one, two = capsys.readouterr().out.splitlines()
    assert one == two
    assert one.startswith("06.a  What came: 25. You made no guess: ")
    keep(OPTIONS, "25")  # seen, and then guessed
    reveal("06.a", 25)
    assert "What came: 25. You answered 25 after it came, so it is not counted." in capsys.readouterr().out
    assert progress().held == {} and kept("06.a")["held"] is None


def test_a_kept_answer_that_fits_the_question_no_longer_is_none(capsys):
    keep(Guess("06.a", "?", ("few", "many")), "many")
    reveal("06.a", 25)
    assert "You made no guess" in capsys.readouterr().out


def test_a_reveal_before_its_question_names_it():
    with pytest.raises(ValueError, match=r'Run the cell with guess\("06\.z"'):
        reveal("06.z", 3)


def test_guesses_and_the_map_show_how_many_held(capsys):
    assert "guesses" not in repr(course_map())
    guesses("06")
    assert capsys.readouterr().out == "Your guesses in 06: none before its answer came.\n"
    keep(OPTIONS, "25")
    keep(STEPS, "1")
    reveal("06.a", 25)
    reveal("06.b", 25)
    capsys.readouterr()
    guesses("06")
    assert capsys.readouterr().out == "Your guesses in 06: 1 of 2 held.\n"
    assert "exercises solved, 1 of 2 guesses held" in repr(course_map())
    with pytest.raises(ValueError, match='such as "06"; got 6'):
        guesses(6)


def test_what_cannot_be_saved_is_told_and_hides_nothing(monkeypatch, file, capsys):
    (file.parent / "a file").write_text("")
    monkeypatch.setenv("NNLAB_PROGRESS", str(file.parent / "a file" / "progress.json"))
    assert keep(OPTIONS, "25").startswith("Your progress could not be saved")
    reveal("06.a", 25)
    said = capsys.readouterr().out
    assert "What came: 25." in said and "could not be saved in progress.json" in said


def guess_and_solve(letter, rounds):
    for i in range(rounds):
        asked = Guess(f"0{i}.{letter}", "?")
        assert keep(asked, "3") == ""
        assert close(asked, asked.truth(3))[1] == ""
        assert exercises.record(f"0{i}.{ord(letter)}", True) == ""


def test_notebooks_that_guess_and_solve_at_once_lose_nothing(file):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=guess_and_solve, args=(letter, 10)) for letter in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    found = json.loads(file.read_text())
    assert len(found["exercises"]) == len(found["guesses"]) == 30
    assert all(entry["held"] for entry in found["guesses"].values())


def reveal_once(value):
    close(STEPS, STEPS.truth(value))


def test_of_two_reveals_at_once_one_decides(file):
    keep(STEPS, "100")
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=reveal_once, args=(value,)) for value in (100, 100, 100)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert progress().held == {"06.b": True}


def test_a_form_keeps_what_is_chosen_and_shows_it_again():
    form = GuessForm(OPTIONS)
    assert form.field.value is None and form.status.value == ""
    form.field.value = "784"
    assert kept("06.a")["guess"] == "784" and "Kept: 784. You can still change it." in form.status.value
    again = GuessForm(OPTIONS)
    assert again.field.value == "784" and "Kept: 784." in again.status.value
    close(OPTIONS, OPTIONS.truth(25))
    again.field.value = "25"
    assert "Kept: 25. The answer had come, so it is not counted." in again.status.value
    assert GuessForm(OPTIONS).field.value == "25" and kept("06.a")["held"] is False


def test_a_form_for_a_number_says_what_is_wrong_and_keeps_the_earlier_one():
    form = GuessForm(STEPS)
    form.field.value = "1,000"
    assert "Kept: 1,000 steps." in form.status.value
    form.field.value = "<b>lots</b>"
    assert "&lt;b&gt;lots&lt;/b&gt;" in form.status.value and "is no number" in form.status.value
    form.field.value = ""
    assert kept("06.b")["guess"] == "1,000"
    assert "within 10%" in form.box.children[0].value


def test_a_form_says_that_its_answer_could_not_be_saved(monkeypatch, file):
    form = GuessForm(OPTIONS)
    (file.parent / "a file").write_text("")
    monkeypatch.setenv("NNLAB_PROGRESS", str(file.parent / "a file" / "progress.json"))
    form.field.value = "25"
    assert "could not be saved" in form.status.value


@pytest.mark.parametrize("kwargs", [{"options": ["9", "25"]}, {"unit": "steps"}])
def test_a_page_without_a_kernel_shows_question_and_options_in_one_line(monkeypatch, kwargs):
    shown = []
    monkeypatch.setattr("nnlab.exercises.guess_form.display", lambda bundle, raw: shown.append(bundle))
    guess("06.c", "How <many>?", **kwargs)
    options = " 9 / 25." if "options" in kwargs else ""
    (bundle,) = shown
    assert bundle["text/plain"] == f"[guess 06.c: How <many>?{options} Run this cell to answer.]"
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert "<many>" not in GuessForm(exercises.ASKED["06.c"]).box.children[0].value  # escaped for the page


def test_what_is_told_fits_the_page():
    asked = Guess("06.c", "?", ("a long option " * 9, "another one " * 9))
    keep(asked, asked.options[1])
    entry, _ = close(asked, asked.truth(asked.options[0]))
    assert max(map(len, told(asked, asked.truth(asked.options[0]), entry, "why " * 60).splitlines())) < 90
