package kiln.data.show;

/**
 * How often the same bytes occur more than once.
 *
 * @param looked how many were compared
 * @param copies those that are the same as an earlier one
 * @param contents different ones that occur more than once
 * @param largest how often the most frequent one of those remembered occurs
 * @param oneIn 1 if everything was remembered; else {@code copies} and {@code contents} are estimates from one in so many
 *     different contents, chosen by their hash
 */
public record Copies(long looked, long copies, long contents, long largest, long oneIn) {}
