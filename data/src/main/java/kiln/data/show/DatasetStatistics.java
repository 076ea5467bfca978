package kiln.data.show;

import java.util.List;

/**
 * What one split of a data set holds. Samples that only fill up last blocks count nowhere but in {@code repeated}.
 *
 * @param split its folder's name
 * @param samples different ones
 * @param repeated samples that fill last blocks
 * @param buckets those with most samples first
 * @param padding share of all captions' places that hold no token
 * @param samePictures pictures of the same bytes
 * @param sameCaptions captions of the same bytes
 */
public record DatasetStatistics(
    String split,
    long samples,
    long repeated,
    List<BucketUse> buckets,
    double padding,
    CaptionStatistics captions,
    TruthStatistics truths,
    Copies samePictures,
    Copies sameCaptions) {
  public DatasetStatistics {
    buckets = List.copyOf(buckets);
  }
}
