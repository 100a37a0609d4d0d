"""Benches: `python3 -m nnlab bench NAME` runs the module NAME of this folder. They assert nothing and print a table."""
