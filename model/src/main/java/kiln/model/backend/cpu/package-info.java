/** The CPU backend: oneDNN and Kiln's own kernels. */
package kiln.model.backend.cpu;
