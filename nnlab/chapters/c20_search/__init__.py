"""Chapter 20, Hyperparameter search: its objective, explorers and exercises."""
