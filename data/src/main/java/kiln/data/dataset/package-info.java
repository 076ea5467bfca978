/** Making a data set out of a source. */
package kiln.data.dataset;
