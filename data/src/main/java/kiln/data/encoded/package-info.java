/** Data sets whose blocks hold what frozen networks make of pixels and captions: layout, writing in parts, mapping. */
package kiln.data.encoded;
