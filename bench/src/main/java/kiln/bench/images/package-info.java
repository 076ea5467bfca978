/** How fast pictures are prepared. */
package kiln.bench.images;
