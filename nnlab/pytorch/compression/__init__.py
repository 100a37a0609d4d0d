"""Networks made smaller: with fewer units, with weights of a few bits, taught by a larger one, compared by size."""
