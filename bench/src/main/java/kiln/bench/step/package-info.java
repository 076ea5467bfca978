/** Whole training steps and drawings, measured beside the same work in PyTorch. */
package kiln.bench.step;
