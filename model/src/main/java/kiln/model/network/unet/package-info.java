/** The noise predictor of Stable Diffusion 2.1: Rombach et al. 2022, diffusers' UNet2DConditionModel. */
package kiln.model.network.unet;
