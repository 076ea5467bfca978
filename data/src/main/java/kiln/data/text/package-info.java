/** Captions and prompts: strict UTF-8, and the tokenizers of the text encoders. */
package kiln.data.text;
