"""Chapter 12, Debugging clinic: its explorers and its exercises."""
