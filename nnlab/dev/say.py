"""How the command line talks: plain sentences, and one kind of error that is a sentence too."""


class Trouble(Exception):
    """Something that the person at the keyboard can cure; its text says what it is and what to do."""


def say(text: str = "") -> None:
    """Print a sentence at once."""
    # flushed, so that it stays in order with what pip or pytest print, also in a log file
    print(text, flush=True)
