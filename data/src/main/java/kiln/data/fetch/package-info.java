/** Bringing published material into a cache folder, without installing it. */
package kiln.data.fetch;
