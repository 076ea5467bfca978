/** Drawings and photographs with captions in many languages: the stamps of the drawing program Tux Paint. */
package kiln.data.stamps;
