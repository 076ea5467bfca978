/** {@code kiln data encode}: frozen networks run over a data set once, by ranks, ahead of training. */
package kiln.launcher.encode;
