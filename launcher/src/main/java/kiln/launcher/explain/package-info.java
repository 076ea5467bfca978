/** What a preset or a network will compute and hold, said before anything is allocated. */
package kiln.launcher.explain;
