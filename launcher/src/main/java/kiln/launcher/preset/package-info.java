/** Named recipes: what to train, how, and what it promises. */
package kiln.launcher.preset;
