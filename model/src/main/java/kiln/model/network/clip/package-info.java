/** The text part of CLIP, by which Stable Diffusion 1 and 2 are steered: Radford et al. 2021, Cherti et al. 2023. */
package kiln.model.network.clip;
