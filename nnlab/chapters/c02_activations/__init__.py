"""Chapter 02, Activation functions: its explorers and its exercises."""
