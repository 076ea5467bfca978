/** What the backends for processors and for GPUs have in common; each backend has a folder below. */
package kiln.model.backend;
