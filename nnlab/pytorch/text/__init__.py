"""Text classification: one `Tokenizer` from training to prediction, a network that reads its numbers, and the pipeline
that joins both.

`tokenizer.py` turns a text into numbers and back, `batches.py` pads them, `classifier.py` is the network, and
`pipeline.py` answers any text with a class, a confidence and the words that moved it. The training loop is
`nnlab.pytorch.train`.
"""

from .batches import encode_batch, text_data
from .classifier import TextClassifier, initial_vectors
from .pipeline import TextPipeline, TextPrediction, without_each_token
from .tokenizer import Tokenizer, tokenize
from .trained import trained_pipeline
