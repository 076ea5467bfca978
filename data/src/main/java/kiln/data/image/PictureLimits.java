package kiln.data.image;

import kiln.bindings.UserException;

/**
 * How large a picture file may be, so that no file takes more memory than it should.
 *
 * @param fileBytes of the file as it is stored
 * @param pixels height times width, as the file's header states them
 */
public record PictureLimits(long fileBytes, long pixels) {
  /** 64 MiB and a hundred million pixels. */
  public static final PictureLimits DEFAULT = new PictureLimits(64L << 20, 100_000_000);

  public PictureLimits {
    if (fileBytes < 1 || pixels < 1) {
      throw new UserException("picture limits: found " + fileBytes + " bytes and " + pixels + " pixels, expected at least 1");
    }
  }
}
