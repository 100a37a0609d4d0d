"""Chapter 10, Regularisation: its explorers and its exercises."""
