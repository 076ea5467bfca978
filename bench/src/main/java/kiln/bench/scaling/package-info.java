/** How training steps scale over ranks: measured, and as a model says they would on more of them. */
package kiln.bench.scaling;
