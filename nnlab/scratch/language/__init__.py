"""Pieces of a language model: byte pairs, the GPT, and drawing the next token."""
