"""Chapter 13, PyTorch end to end: its explorers and its exercises."""
