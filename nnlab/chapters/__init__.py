"""The chapters: each folder holds what only its notebook needs. They never import each other."""
