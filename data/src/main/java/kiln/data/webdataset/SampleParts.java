package kiln.data.webdataset;

import java.util.List;
import java.util.Set;
import kiln.data.source.RawSample;
import kiln.data.source.RawSample.EncodedPicture;
import kiln.data.source.UnusableException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The members of one sample, as they come. The first thing wrong with them is what counts. */
final class SampleParts {
  private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "webp", "tif", "tiff");
  private static final String TEXT = "txt";
  private static final String JSON = "json";

  /** Captions and JSON; what is longer is no caption. */
  private static final int LONGEST_TEXT = 4 << 20;

  private final String key;
  private final String shard;
  private String pictureName;
  private byte[] picture;
  private byte[] text;
  private byte[] json;
  private UnusableException defect;

  /**
   * @param shard its location, for messages
   */
  SampleParts(String key, String shard) {
    this.key = key;
    this.shard = shard;
  }

  String key() {
    return key;
  }

  /** Whatever its members are, it is left out. */
  void refuse(String reason, String detail) {
    defect = defect == null ? new UnusableException(reason, shard + "!" + detail) : defect;
  }

  /**
   * Takes the current member, if it is one that is used.
   *
   * @throws UnusableException if the rest of the shard cannot be read
   */
  void add(TarArchiveEntry entry, String extension, TarMembers members, long maxPictureBytes) throws UnusableException {
    boolean isPicture = PICTURES.contains(extension);
    if (!isPicture && !extension.equals(TEXT) && !extension.equals(JSON)) {
      return;
    }
    String name = OneLine.of(entry.getName());
    if (isPicture) {
      if (pictureName != null) {
        refuse(Defects.TWO_PICTURES, name + ": the sample has a picture already, " + pictureName);
      }
      pictureName = pictureName == null ? name : pictureName;
    } else if (extension.equals(TEXT) ? text != null : json != null) {
      refuse(Defects.TWO_CAPTIONS, name + ": the sample has one already");
    }
    if (!isPlainFile(entry)) {
      refuse(Defects.NO_FILE, name + ": is a link, a device or a sparse file");
    }
    if (defect != null) {
      return;
    }
    long most = isPicture ? maxPictureBytes : LONGEST_TEXT;
    byte[] bytes = members.read(most);
    if (bytes == null) {
      refuse(Defects.TOO_LARGE, name + ": " + entry.getRealSize() + " bytes, at most " + most + " are read");
    } else if (isPicture) {
      picture = bytes;
    } else if (extension.equals(TEXT)) {
      text = bytes;
    } else {
      json = bytes;
    }
  }

  /** {@link TarArchiveEntry#isFile} is true of links, too. */
  private static boolean isPlainFile(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_OLDNORM, TarConstants.LF_NORMAL, TarConstants.LF_CONTIG -> !entry.isSparse();
      default -> false;
    };
  }

  /** Whether nothing that a sample needs is missing. */
  boolean isWhole() {
    return defect != null || (picture != null && (text != null || json != null));
  }

  /**
   * The sample.
   *
   * @param prefix of its key, which tells samples of different shards apart
   * @throws UnusableException if it is left out
   */
  RawSample sample(String prefix, List<String> captionFields) throws UnusableException {
    if (defect == null && picture == null) {
      refuse(Defects.NO_PICTURE, OneLine.of(key) + ": has no .png, .jpg, .jpeg, .webp, .tif or .tiff");
    }
    if (defect != null) {
      throw defect;
    }
    JsonFields fields = json == null ? JsonFields.NONE : JsonFields.parse(json, shard + "!" + OneLine.of(key) + ".json");
    byte[] caption = text != null ? text : fields.caption(captionFields);
    return new RawSample(prefix + key, shard + "!" + pictureName, EncodedPicture.of(picture), caption, fields.truth());
  }
}
