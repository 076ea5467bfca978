/** From sources of captioned images to mapped batches: what a bucket is and which one a sample goes to. */
package kiln.data;
