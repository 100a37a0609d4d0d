"""One module for each command of `python3 -m nnlab COMMAND`: `parse` reads the words after it, `run` does it."""
