/** What a diffusers pipeline folder holds besides networks: its index and its tokenizer's files. */
package kiln.launcher.pipeline;
