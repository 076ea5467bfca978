/** Models on disk, as Kiln, diffusers and transformers lay them out: what a path is, and what it is made of. */
package kiln.launcher.folder;
