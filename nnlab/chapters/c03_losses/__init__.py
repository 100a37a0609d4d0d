"""Chapter 03, Loss functions: its explorers and its exercises."""
