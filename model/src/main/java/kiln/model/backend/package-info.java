/** The seam between plans and kernels. */
package kiln.model.backend;
