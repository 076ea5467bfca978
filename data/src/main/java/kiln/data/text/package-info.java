/** Captions: strict UTF-8 and the byte tokenizer. */
package kiln.data.text;
