/** The backend that computes: oneDNN for products and convolutions, Kiln's own kernels for the rest. */
package kiln.model.backend.cpu;
