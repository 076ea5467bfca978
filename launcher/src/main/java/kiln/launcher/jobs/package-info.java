/** Whole jobs behind one command: data, autoencoder, diffusion model, pictures and measurements, one after the other. */
package kiln.launcher.jobs;
