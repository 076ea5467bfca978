/** Texts in, texts out: what {@code kiln text2text} does with a T5. */
package kiln.launcher.text2text;
