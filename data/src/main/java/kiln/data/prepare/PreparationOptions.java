package kiln.data.prepare;

import java.util.LinkedHashMap;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.image.PictureLimits;

/**
 * What becomes of picture files and their captions.
 *
 * @param buckets where samples go
 * @param fit how pictures get the shape of their bucket
 * @param cropPlace which part {@link Fit#CROP} keeps
 * @param minSize pictures whose shorter side has fewer pixels are left out
 * @param uncaptioned whether pictures without a caption become samples with an empty one, instead of being left out
 * @param skipAnimated whether files of several frames or pages are left out, instead of taking the first
 * @param validationShare share of samples that are for validation, 0 to less than 1; drawn by a hash of their keys
 * @param scaledDecoding whether JPEG files may be decoded at a half, a quarter or an eighth of their size where that is still
 *     at least twice the size that is wanted
 * @param limits how large a picture file may be
 * @param seed of random crops
 */
public record PreparationOptions(
    BucketTable buckets,
    Fit fit,
    CropPlace cropPlace,
    int minSize,
    boolean uncaptioned,
    boolean skipAnimated,
    double validationShare,
    boolean scaledDecoding,
    PictureLimits limits,
    long seed) {
  public PreparationOptions {
    if (minSize < 1) {
      throw new UserException("--min-size " + minSize + ": expected at least 1");
    }
    if (!(validationShare >= 0 && validationShare < 1)) {
      throw new UserException("--validation-share " + validationShare + ": expected 0 to less than 1");
    }
  }

  /** Centred crops, a hundredth for validation. */
  public static PreparationOptions defaults(BucketTable buckets) {
    return new PreparationOptions(
        buckets, Fit.CROP, CropPlace.CENTER, 1, false, false, 0.01, true, PictureLimits.DEFAULT, 0);
  }

  /** As they are stored with the data set. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("sizes", buckets.sizes().stream().map(s -> s.height() + "x" + s.width()).toList());
    settings.put("captionLengths", buckets.captionLengths());
    settings.put("fit", fit.toString());
    settings.put("crop", cropPlace.toString());
    settings.put("minSize", minSize);
    settings.put("uncaptioned", uncaptioned);
    settings.put("skipAnimated", skipAnimated);
    settings.put("validationShare", validationShare);
    settings.put("scaledDecoding", scaledDecoding);
    settings.put("maxFileBytes", limits.fileBytes());
    settings.put("maxPixels", limits.pixels());
    settings.put("seed", seed);
    return settings;
  }
}
