/** Weight files in the safetensors format: mapped for reading, streamed for writing. */
package kiln.model.weights;
