package kiln.data.prepare;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What it cost to bring samples into the shape of one bucket.
 *
 * @param samples in the bucket
 * @param sourcePixels of their pictures, as these were found
 * @param croppedPixels of these, cut off
 * @param bucketPixels of the samples
 * @param paddedPixels of these, white around a picture
 * @param enlarged samples whose picture had to grow
 * @param tokens of their captions, ends included
 * @param paddedTokens empty places behind the captions
 * @param cutCaptions captions that were longer than the longest bucket
 * @param cutBytes of these, that were cut off
 */
public record BucketWaste(
    long samples,
    long sourcePixels,
    long croppedPixels,
    long bucketPixels,
    long paddedPixels,
    long enlarged,
    long tokens,
    long paddedTokens,
    long cutCaptions,
    long cutBytes) {
  public static final BucketWaste NONE = new BucketWaste(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Cropped share of the pictures, 0 to 1. */
  public double croppedShare() {
    return sourcePixels == 0 ? 0 : (double) croppedPixels / sourcePixels;
  }

  /** Share of the samples' pixels that is white around a picture, 0 to 1. */
  public double paddedShare() {
    return bucketPixels == 0 ? 0 : (double) paddedPixels / bucketPixels;
  }

  /** Share of the places for captions that stays empty, 0 to 1. */
  public double paddedTokenShare() {
    return samples == 0 ? 0 : (double) paddedTokens / (tokens + paddedTokens);
  }

  public BucketWaste plus(BucketWaste other) {
    return new BucketWaste(
        samples + other.samples,
        sourcePixels + other.sourcePixels,
        croppedPixels + other.croppedPixels,
        bucketPixels + other.bucketPixels,
        paddedPixels + other.paddedPixels,
        enlarged + other.enlarged,
        tokens + other.tokens,
        paddedTokens + other.paddedTokens,
        cutCaptions + other.cutCaptions,
        cutBytes + other.cutBytes);
  }

  /** What {@link #numbers} gave, or a file that it was written to; what is missing is 0. */
  static BucketWaste of(Map<?, ?> numbers) {
    return new BucketWaste(
        number(numbers, "samples"),
        number(numbers, "sourcePixels"),
        number(numbers, "croppedPixels"),
        number(numbers, "bucketPixels"),
        number(numbers, "paddedPixels"),
        number(numbers, "enlarged"),
        number(numbers, "tokens"),
        number(numbers, "paddedTokens"),
        number(numbers, "cutCaptions"),
        number(numbers, "cutBytes"));
  }

  private static long number(Map<?, ?> numbers, String name) {
    return numbers.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** By name, as {@code dataset.json} has it. */
  Map<String, Long> numbers() {
    Map<String, Long> numbers = new LinkedHashMap<>();
    numbers.put("samples", samples);
    numbers.put("sourcePixels", sourcePixels);
    numbers.put("croppedPixels", croppedPixels);
    numbers.put("bucketPixels", bucketPixels);
    numbers.put("paddedPixels", paddedPixels);
    numbers.put("enlarged", enlarged);
    numbers.put("tokens", tokens);
    numbers.put("paddedTokens", paddedTokens);
    numbers.put("cutCaptions", cutCaptions);
    numbers.put("cutBytes", cutBytes);
    return numbers;
  }
}
