"""The reader's edition: the notebooks as pages that need no kernel, `python -m nnlab book`."""
