/** Models from folder to folder: what a run has trained for other tools, and what a run begins with. */
package kiln.launcher.transfer;
