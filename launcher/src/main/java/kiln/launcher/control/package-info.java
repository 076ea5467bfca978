/** The control plane: how ranks find each other, notice that one is gone, and say which one a collective waits for. */
package kiln.launcher.control;
