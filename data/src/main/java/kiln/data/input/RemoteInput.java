package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A server's file, read with retries. */
record RemoteInput(RangedStore store, RetryPolicy retries) implements SeekableInput {
  @Override
  public String location() {
    return store.location();
  }

  /** Starts at once, so that a file that is not there is noticed here. */
  @Override
  public InputStream open() throws IOException {
    ResumingStream stream = new ResumingStream(store, retries, 0, Long.MAX_VALUE, null);
    try {
      stream.start();
      return stream;
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  @Override
  public RangeReader openRanges() throws IOException {
    RangedStore.Part file = retries.call(store::probe);
    if (file.total() < 0) {
      throw InputException.lasting(InputException.NO_RANGES, location(), "the server does not say how long it is");
    }
    return new RangeReader() {
      @Override
      public long length() {
        return file.total();
      }

      @Override
      public void read(long position, byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(position, count, file.total());
        if (count == 0) {
          return;
        }
        try (InputStream part = new ResumingStream(store, retries, position, position + count, file.version())) {
          if (part.readNBytes(target, offset, count) < count) {
            throw InputException.lasting(InputException.CHANGED, location(), "has become shorter while it was read");
          }
        }
      }

      @Override
      public void close() {}
    };
  }
}
