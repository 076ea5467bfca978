/** The command line: what the user types, checked and handed on. */
package kiln.launcher.cli;
