/** Letters and words drawn in the fonts of the machine, with their text and boxes as truth. */
package kiln.data.typography;
