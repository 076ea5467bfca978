package kiln.data.encoded;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * The complete documents of one part's queue. Chronicle says where in the file they lie; the file itself is mapped once, as a
 * whole, for as long as the arena lives.
 *
 * @param records in the order in which they were written
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
   * @throws UserException if the folder is no readable queue
   */
  static MappedPart open(Path folder, Arena arena) {
    List<Record> records = new ArrayList<>();
    Map<File, MemorySegment> files = new HashMap<>();
    try (SingleChronicleQueue queue = PartQueues.forReading(folder);
        ExcerptTailer tailer = queue.createTailer()) {
      while (true) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            break;
          }
          Bytes<?> bytes = document.wire().bytes();
          File file = tailer.currentFile();
          MemorySegment mapped = files.computeIfAbsent(file, f -> map(f, arena));
          long end = Math.min(bytes.readLimit(), mapped.byteSize());
          long start = Math.min(end, EncodedLayout.align(bytes.readPosition()));
          records.add(new Record(file.toPath(), start, mapped.asSlice(start, end - start)));
        }
      }
    } catch (UserException e) {
      throw e;
    } catch (RuntimeException | InternalError e) {
      throw new UserException(folder + ": not a readable queue: " + EncodedManifest.firstLine(e), e);
    }
    return new MappedPart(List.copyOf(records));
  }

  private static MemorySegment map(File file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be mapped: " + e.getMessage());
    }
  }
}
