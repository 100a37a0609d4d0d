"""Fewer weights and fewer bits."""
