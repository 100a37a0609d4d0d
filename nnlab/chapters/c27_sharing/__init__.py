"""Chapter 27, Searching and sharing: its search space, federated clients, glossary, explorers and exercises."""
