package kiln.launcher.text2text;

/**
 * What the model wrote for one text.
 *
 * @param text without the tokens that are no bytes
 * @param ended whether the model ended it, or the limit of tokens did
 * @param cut the end of the text that the model was not given, because it reads no more; empty if it was given all
 */
public record Answer(String text, boolean ended, String cut) {}
