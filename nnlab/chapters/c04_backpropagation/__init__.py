"""Chapter 04, Backpropagation: its explorers and its exercises."""
