package kiln.data.queue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * The blocks of a finished data set, in mapped memory; may be shared by threads.
 *
 * <p>Chronicle says where in which file each document lies; the file itself is mapped here, once and as a whole, read-only.
 * Chronicle's own mapping would be of no use to a trainer: it moves along with the tailer in chunks, and a view of it is valid
 * only until the document is closed, while a plan may read a batch at any time until the next one is bound.
 */
public final class BatchReader implements BlockTable, AutoCloseable {
  private final Path folder;
  private final Manifest manifest;
  private final Arena arena = Arena.ofShared();
  private final List<Block> blocks = new ArrayList<>();
  private final List<String> places = new ArrayList<>();

  private BatchReader(Path folder, Manifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /** Opens the training split. */
  public static BatchReader open(Path dataset) {
    return open(dataset, Split.TRAIN);
  }

  /**
   * @param dataset the folder with {@code dataset.json}
   * @throws UserException naming the file, what was found and what was expected, if the data set is missing, not finished, of
   *     another version, cut short or damaged in a header ({@link #verify} also reads all contents)
   */
  public static BatchReader open(Path dataset, Split split) {
    Manifest manifest = Manifest.read(dataset);
    Path folder = dataset.resolve(split.folder());
    Manifest.Contents contents = manifest.contents(dataset, split);
    checkFiles(folder, contents);
    BatchReader reader = new BatchReader(folder, manifest);
    try {
      reader.map(contents);
      return reader;
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private static void checkFiles(Path folder, Manifest.Contents contents) {
    for (Map.Entry<String, Long> entry : contents.files().entrySet()) {
      Path file = folder.resolve(entry.getKey());
      long size;
      try {
        size = Files.size(file);
      } catch (IOException e) {
        throw new UserException(file + ": missing, " + Manifest.FILE + " lists it");
      }
      // Chronicle touches mapped memory without looking at the size first, so this has to come before it.
      if (size < entry.getValue()) {
        throw new UserException(file + ": truncated: " + size + " bytes, expected " + entry.getValue());
      }
    }
  }

  private void map(Manifest.Contents contents) {
    Map<File, MemorySegment> files = new HashMap<>();
    try (SingleChronicleQueue queue = Queues.forReading(folder);
        ExcerptTailer tailer = queue.createTailer()) {
      while (true) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            break;
          }
          Bytes<?> bytes = document.wire().bytes();
          long start = BlockLayout.align(bytes.readPosition());
          File file = tailer.currentFile();
          MemorySegment mapped = files.computeIfAbsent(file, this::map);
          String place = file + ": block " + blocks.size();
          long end = Math.min(bytes.readLimit(), mapped.byteSize());
          blocks.add(block(mapped.asSlice(Math.min(start, end), Math.max(0, end - start)), place));
          places.add(place);
        }
      }
    } catch (UserException e) {
      throw e;
    } catch (RuntimeException | InternalError e) {
      throw new UserException(folder + ": not a readable queue: " + Manifest.firstLine(e), e);
    }
    if (blocks.size() != contents.blocks()) {
      throw new UserException(
          folder + ": " + blocks.size() + " complete blocks, expected " + contents.blocks()
              + ": the last record is torn or missing");
    }
  }

  private Block block(MemorySegment memory, String place) {
    try {
      Block block = Block.at(memory);
      if (block.count() != manifest.blockSize()) {
        throw new UserException(place + " has " + block.count() + " samples, expected " + manifest.blockSize());
      }
      return block;
    } catch (Block.MalformedException e) {
      throw new UserException(place + " " + e.getMessage());
    }
  }

  private MemorySegment map(File file) {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be mapped: " + e.getMessage());
    }
  }

  /**
   * Reads every byte and compares every block's checksum.
   *
   * @param progress told the number of blocks read so far
   * @throws UserException naming the first block whose bytes are not what was written
   */
  public void verify(LongConsumer progress) {
    for (int i = 0; i < blocks.size(); i++) {
      if (!blocks.get(i).checksumHolds()) {
        throw new UserException(places.get(i) + " is damaged: its CRC-32C does not match its bytes");
      }
      progress.accept(i + 1);
    }
  }

  @Override
  public Path folder() {
    return folder;
  }

  public Manifest manifest() {
    return manifest;
  }

  @Override
  public int blockSize() {
    return manifest.blockSize();
  }

  @Override
  public int numBlocks() {
    return blocks.size();
  }

  @Override
  public Bucket bucket(int block) {
    return blocks.get(block).bucket();
  }

  @Override
  public int distinct(int block) {
    return blocks.get(block).distinct();
  }

  public Block block(long i) {
    return blocks.get(Math.toIntExact(i));
  }

  /** Unmaps; no slice may be read any more (one that is throws). */
  @Override
  public void close() {
    arena.close();
  }
}
