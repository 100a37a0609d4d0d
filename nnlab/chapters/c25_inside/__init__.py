"""Chapter 25, Seeing inside and being fooled: its explorers and exercises."""
