/** Reverse-mode differentiation from graph to graph. */
package kiln.model.autodiff;
