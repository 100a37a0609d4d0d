"""Chapter 24, Graph networks: its explorers and exercises."""
