"""Chapter 22, Attention and transformers: its explorers and exercises."""
