"""Formulas of models that make new data: the bound of a VAE, the noise of diffusion."""
