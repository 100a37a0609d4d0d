"""Chapter 00, Start here: its explorers and its exercises."""
