/** The noise predictors: Rombach et al. 2022 and Ho et al. 2020 as diffusers' UNet2DConditionModel and UNet2DModel. */
package kiln.model.network.unet;
