/** Layers with parameters, as the published networks define them: names, initial values and order of computation. */
package kiln.model.layer;
