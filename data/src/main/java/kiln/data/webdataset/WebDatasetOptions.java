package kiln.data.webdataset;

import java.util.List;
import java.util.OptionalLong;
import kiln.bindings.UserException;

/**
 * What is read of shards and how.
 *
 * @param captionFields fields of a sample's {@code .json} that may hold its caption, the first that does is used
 * @param maxPictureBytes larger pictures are left out before they are read
 * @param shuffleSeed of the order of the shards; as they are given if empty
 * @param shardsAtOnce how many are open and read ahead; does not change the order
 */
public record WebDatasetOptions(
    List<String> captionFields, long maxPictureBytes, OptionalLong shuffleSeed, int shardsAtOnce) {
  public WebDatasetOptions {
    captionFields = List.copyOf(captionFields);
    if (maxPictureBytes < 1 || maxPictureBytes > Integer.MAX_VALUE - 16) {
      throw new UserException("--max-file-size: expected at least 1 and less than 2GiB, found " + maxPictureBytes);
    }
    if (shardsAtOnce < 1 || shardsAtOnce > 64) {
      throw new UserException("--shards-at-once: expected 1 to 64, found " + shardsAtOnce);
    }
  }
}
