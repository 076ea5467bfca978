/** How fast pictures of text are drawn. */
package kiln.bench.typography;
