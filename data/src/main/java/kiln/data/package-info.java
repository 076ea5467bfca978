/** From sources of captioned images to mapped batches. */
package kiln.data;
