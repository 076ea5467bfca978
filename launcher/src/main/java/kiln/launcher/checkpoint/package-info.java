/** A run on disk: folders of safetensors and JSON that are whole or not there, written, found and read back. */
package kiln.launcher.checkpoint;
