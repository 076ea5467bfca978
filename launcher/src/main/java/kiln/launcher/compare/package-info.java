/** What two checkpoints have in common, whatever number of ranks wrote them: configurations by their values, tensors by their numbers. */
package kiln.launcher.compare;
