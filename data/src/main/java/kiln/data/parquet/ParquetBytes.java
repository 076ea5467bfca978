package kiln.data.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is read here and there. */
interface ParquetBytes extends AutoCloseable {
  long length();

  /** Reads exactly as much as is asked for. */
  void read(long position, byte[] into, int offset, int length) throws IOException;

  @Override
  void close() throws IOException;

  static ParquetBytes open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    long size = channel.size();
    return new ParquetBytes() {
      @Override
      public long length() {
        return size;
      }

      @Override
      public void read(long position, byte[] into, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, position + buffer.position() - offset) < 0) {
            throw new EOFException(file + ": ends after " + channel.size() + " bytes");
          }
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
