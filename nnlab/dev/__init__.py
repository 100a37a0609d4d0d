"""The command line, `python3 -m nnlab COMMAND`: `main` finds the command in `commands/`.

Modules here import the standard library only, because they run before anything is installed. Those in `inside/` run in
the finished environment, in a process of their own, and may import what it holds.
"""
