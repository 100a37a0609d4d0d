"""Chapter 18, Transfer learning: its explorers and exercises."""
