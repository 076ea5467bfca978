/** Noise schedules, objectives, samplers and guidance of diffusion models. */
package kiln.model.diffusion;
