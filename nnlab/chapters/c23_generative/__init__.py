"""Chapter 23, Generative models: its explorers and exercises."""
