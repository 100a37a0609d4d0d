"""Chapter 07, Recurrent networks: its explorers and its exercises."""
