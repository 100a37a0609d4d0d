"""Chapter 14, Keras and frameworks: its explorers, its exercises, and Keras on top of PyTorch (`backend`)."""
