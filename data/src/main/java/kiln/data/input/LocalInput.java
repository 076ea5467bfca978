package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** A file of this machine. */
record LocalInput(Path file) implements SeekableInput {
  @Override
  public String location() {
    return file.toString();
  }

  @Override
  public InputStream open() throws IOException {
    checkFile();
    InputStream stream;
    try {
      stream = Files.newInputStream(file);
    } catch (IOException e) {
      throw failure(e);
    }
    return new BulkStream() {
      @Override
      public int read(byte[] target, int offset, int count) throws IOException {
        try {
          return stream.read(target, offset, count);
        } catch (IOException e) {
          throw failure(e);
        }
      }

      @Override
      public void close() throws IOException {
        stream.close();
      }
    };
  }

  @Override
  public RangeReader openRanges() throws IOException {
    checkFile();
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return new Ranges(channel, channel.size());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void checkFile() throws IOException {
    if (Files.isDirectory(file)) {
      throw InputException.lasting(InputException.UNREADABLE, location(), "is a folder, expected a file");
    }
  }

  private InputException failure(IOException e) {
    return e instanceof NoSuchFileException
        ? InputException.lasting(InputException.NOT_FOUND, location(), "there is no such file")
        : InputException.lasting(InputException.UNREADABLE, location(), "cannot be read: " + Failures.text(e));
  }

  private final class Ranges implements RangeReader {
    private final FileChannel channel;
    private final long length;

    Ranges(FileChannel channel, long length) {
      this.channel = channel;
      this.length = length;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int count) throws IOException {
      Objects.checkFromIndexSize(position, count, length);
      ByteBuffer buffer = ByteBuffer.wrap(target, offset, count);
      while (buffer.hasRemaining()) {
        int got;
        try {
          got = channel.read(buffer, position + (count - buffer.remaining()));
        } catch (IOException e) {
          throw failure(e);
        }
        if (got < 0) {
          throw InputException.lasting(InputException.CHANGED, location(), "has become shorter while it was read");
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
