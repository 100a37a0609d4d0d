"""Chapter 15, Image classification: its explorers and exercises."""
