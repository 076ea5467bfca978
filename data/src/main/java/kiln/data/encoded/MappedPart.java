package kiln.data.encoded;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.queue.Frames;
import kiln.data.queue.Queues;
import kiln.data.queue.RecordBytes;

/**
 * The complete documents of one part's queue, whose file is mapped as a whole for as long as the arena lives.
 *
 * @param records in the order in which they were written; none that is cut off by the end of the file
 */
record MappedPart(List<Record> records) {
  /**
   * A document's place.
   *
   * @param offset of its first byte in the file
   * @param memory from there to its end
   */
  record Record(Path file, long offset, MemorySegment memory) {
    /** For messages. */
    String place(int number) {
      return file + ": block " + number;
    }
  }

  /**
   * @throws UserException if the folder holds no queue that can be read
   */
  static MappedPart open(Path folder, Arena arena) {
    Path path = folder.resolve(Queues.FILE);
    MemorySegment file = map(path, arena);
    List<Record> records = new ArrayList<>();
    Frames frames = new Frames(file);
    for (Frames.Document document = frames.next(); document != null; document = frames.next()) {
      long end = document.start() + document.length();
      long start = Math.min(end, RecordBytes.align(document.start()));
      records.add(new Record(path, start, file.asSlice(start, end - start)));
    }
    return new MappedPart(List.copyOf(records));
  }

  private static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be mapped: " + e.getMessage());
    }
  }
}
