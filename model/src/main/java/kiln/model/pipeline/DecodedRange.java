package kiln.model.pipeline;

/**
 * How the values that a network has drawn fit the pixels 0 … 255, which stand for -1 … 1.
 *
 * @param shareOutside share of the values that lay outside by more than a rounding, and were cut
 * @param furthest the largest absolute value of those; 1 if there is none
 */
public record DecodedRange(double shareOutside, float furthest) {}
