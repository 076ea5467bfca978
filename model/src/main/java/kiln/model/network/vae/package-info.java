/** The autoencoder of latent diffusion: Rombach et al. 2022, diffusers' AutoencoderKL. */
package kiln.model.network.vae;
