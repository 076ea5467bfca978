package kiln.data.source;

/**
 * A captioned picture as it is stored, before anything of it is decoded or checked.
 *
 * @param key names it within its source, the same every time
 * @param group what it has in common with others, such as one picture: a group is for training or validation as a whole
 * @param origin file and member or row, for messages
 * @param picture the picture's file
 * @param caption as it was found, maybe empty, maybe not UTF-8; null if there is none
 * @param truth what else is known, as a JSON object
 */
public record RawSample(
    String key, String group, String origin, EncodedPicture picture, byte[] caption, String truth) {
  /** One that is a group of its own. */
  public RawSample(String key, String origin, EncodedPicture picture, byte[] caption, String truth) {
    this(key, key, origin, picture, caption, truth);
  }

  /** The bytes of a picture file; may be read on any thread, once. */
  @FunctionalInterface
  public interface EncodedPicture {
    /**
     * @throws UnusableException if it cannot be had
     */
    byte[] read() throws UnusableException;

    /** Bytes that are held in memory until it has been read; 0 if they are read only then. */
    default long heldBytes() {
      return 0;
    }

    /** One that is in memory already. */
    static EncodedPicture of(byte[] file) {
      return new EncodedPicture() {
        @Override
        public byte[] read() {
          return file;
        }

        @Override
        public long heldBytes() {
          return file.length;
        }
      };
    }
  }
}
