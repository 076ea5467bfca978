/** What turns gradients into new weights: learning rates, clipping, AdamW and the moving average. */
package kiln.model.optim;
