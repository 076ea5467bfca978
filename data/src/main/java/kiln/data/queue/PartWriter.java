package kiln.data.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Map;

/** Appends blocks to a new part. For one thread. */
final class PartWriter implements AutoCloseable {
  private final Path split;
  private final Part part;
  private final RecordWriter records;

  /**
   * @param split folder of the split
   * @throws FileSystemException if there is no room
   */
  PartWriter(Path split, Part part, long largestRecord) throws IOException {
    this.split = split;
    this.part = part;
    this.records = new RecordWriter(split.resolve(part.folder()), largestRecord);
  }

  /**
   * Writes a block behind the others.
   *
   * @return where it lies in the file
   * @throws FileSystemException if there is no room; nothing is written then
   */
  long append(BlockEncoder encoder) throws IOException {
    return records.append(encoder.byteSize(), encoder::writeTo);
  }

  Part part() {
    return part;
  }

  /** Closes the queue, cuts its file to what is used and forces it to disk. */
  void finish() throws IOException {
    close();
    RecordWriter.cut(split.resolve(part.folder()), records.end());
  }

  /** Adds a part's files and their sizes to {@code sizes}, named as seen from the split's folder. */
  static void list(Path split, Part part, Map<String, Long> sizes) throws IOException {
    for (String name : new String[] {Queues.FILE, Queues.METADATA}) {
      Path file = split.resolve(part.folder()).resolve(name);
      if (Files.exists(file)) {
        sizes.put(part.folder() + "/" + name, Files.size(file));
      }
    }
  }

  @Override
  public void close() {
    records.close();
  }
}
