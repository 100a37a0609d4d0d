"""The command line. Files here use the standard library alone, because they run before anything is installed;
`inside/` and `bench_*.py` run in the finished environment and may import what it holds.
"""
