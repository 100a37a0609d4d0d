"""Chapter 26, Smaller and faster: its explorers and exercises."""
