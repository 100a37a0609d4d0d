"""Chapter 11, Training craft: its explorers and its exercises."""
