/** Samples from tar shards, as the library webdataset stores them. */
package kiln.data.webdataset;
