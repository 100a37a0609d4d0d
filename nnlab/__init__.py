"""nnlab: an interactive workbook for learning neural networks. Importing it imports nothing heavy."""

__version__ = "0.1.0"
