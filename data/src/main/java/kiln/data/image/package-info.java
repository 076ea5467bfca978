/** Decoding pictures and bringing them to a size. */
package kiln.data.image;
