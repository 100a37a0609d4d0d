"""Networks that make pictures: autoencoders, a generator with its discriminator, and diffusion."""

from .adversarial import Discriminator, Generator, adversarial_step, discriminator_loss, generator_loss
from .autoencoders import VAE, Autoencoder, gaussian_kl, reparametrised, vae_loss
from .diffusion import (
    Denoiser,
    cosine_alpha_bar,
    ddim_step,
    ddim_times,
    denoising,
    epsilon_loss,
    guided_noise,
    noised,
    sample,
)
