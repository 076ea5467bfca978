/** Shapes text of many scripts with Java2D and arranges it in lines, columns and along curves, with the boxes of its ink. */
package kiln.data.typeset;
