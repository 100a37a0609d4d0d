"""Chapter 08, Optimizers: its explorers and its exercises."""
