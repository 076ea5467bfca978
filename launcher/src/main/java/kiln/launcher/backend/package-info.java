/** Which kernels compute, on which device, and whether this machine can do that. */
package kiln.launcher.backend;
