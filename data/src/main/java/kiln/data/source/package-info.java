/** The seam between what gives samples and what stores them. */
package kiln.data.source;
