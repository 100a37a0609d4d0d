"""Chapter 21, Deployment: its explorers and exercises."""
