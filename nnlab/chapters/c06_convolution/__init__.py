"""Chapter 06, Convolutional networks: its explorers and its exercises."""
