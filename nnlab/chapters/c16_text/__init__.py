"""Chapter 16, Text classification: its explorers and exercises."""
