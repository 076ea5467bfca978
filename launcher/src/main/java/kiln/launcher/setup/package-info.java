/** What Kiln can use but does not bring along: found, or made. */
package kiln.launcher.setup;
