"""Chapter 19, Evaluation: its explorers and exercises."""
