"""A package, so that `tests/parity` may have a `test_autograd.py` of its own."""
