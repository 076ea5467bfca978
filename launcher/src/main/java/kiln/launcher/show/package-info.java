/** A finished data set as tables and as one page of HTML. */
package kiln.launcher.show;
