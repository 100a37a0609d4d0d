"""The layers, a module for each family. `nnlab.scratch` has their public names; what all share is in `module.py`."""
