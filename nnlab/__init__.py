"""nnlab: an interactive workbook for learning neural networks. Importing it imports nothing heavy."""

from nnlab.host import settle
from nnlab.threads import limit

__version__ = "0.1.0"

settle()
limit()
