package kiln.data.queue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import kiln.bindings.UserException;

/**
 * The blocks of a finished data set, in mapped memory; may be shared by threads.
 *
 * <p>Every part's file is mapped once and as a whole, read-only, and its documents are found by their {@linkplain Frames headers};
 * nothing in the folder is opened for writing or locked. Chronicle's own mapping would be of no use to a trainer: it moves along
 * with the tailer in chunks, and a view of it is valid only until the document is closed, while a plan may read a batch at any time
 * until the next one is bound.
 *
 * <p>Blocks are in the order of their numbers, which is that in which they were made, whichever queue they went to.
 */
public final class BatchReader implements Blocks, AutoCloseable {
  private static final Comparator<PartFile.Stored> ORDER =
      Comparator.<PartFile.Stored>comparingLong(stored -> stored.block().number())
          .thenComparingInt(stored -> stored.part().writer());

  private final Path folder;
  private final Manifest manifest;
  private final Arena arena = Arena.ofShared();
  private final List<PartFile.Stored> stored = new ArrayList<>();

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
    ListedFiles.check(folder, contents.files(), Manifest.FILE);
    BatchReader reader = new BatchReader(folder, manifest);
    try {
      reader.map(folder, contents);
      return reader;
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private void map(Path split, Manifest.Contents contents) {
    for (String name : contents.files().keySet()) {
      Path path = Path.of(name);
      if (path.getNameCount() == 2 && path.endsWith(Queues.FILE)) {
        Part part =
            Part.of(path.getName(0).toString())
                .orElseThrow(() -> new UserException(split.resolve(name) + ": not the name of a part, " + Manifest.FILE + " lists it"));
        take(new PartFile(split, part, arena));
      }
    }
    stored.sort(ORDER);
    for (PartFile.Stored each : stored) {
      if (each.block().count() != manifest.blockSize()) {
        throw new UserException(
            each.place() + " has " + each.block().count() + " samples, expected " + manifest.blockSize());
      }
    }
    if (stored.size() != contents.blocks()) {
      throw new UserException(
          split + ": " + stored.size() + " complete blocks, expected " + contents.blocks()
              + ": the last record is torn or missing");
    }
    for (int i = 1; i < stored.size(); i++) {
      if (ORDER.compare(stored.get(i - 1), stored.get(i)) == 0) {
        throw new UserException(
            stored.get(i).place() + " has number " + stored.get(i).block().number() + ", which "
                + stored.get(i - 1).place() + " has too");
      }
    }
  }

  private void take(PartFile file) {
    try {
      for (Optional<PartFile.Stored> next = file.next(); next.isPresent(); next = file.next()) {
        stored.add(next.get());
      }
    } catch (PartFile.DamagedException e) {
      throw new UserException(e.getMessage());
    }
    if (file.end() == Frames.End.MALFORMED) {
      throw new UserException(
          file.file() + ": block " + file.numBlocks() + " is damaged: its header at byte " + file.position()
              + " says more than the file holds");
    }
  }

  /**
   * Reads every byte and compares every block's checksum.
   *
   * @param progress told the number of blocks read so far
   * @throws UserException naming the first block whose bytes are not what was written
   */
  public void verify(LongConsumer progress) {
    for (int i = 0; i < stored.size(); i++) {
      if (!stored.get(i).block().checksumHolds()) {
        throw new UserException(stored.get(i).place() + " is damaged: its CRC-32C does not match its bytes");
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
    return stored.size();
  }

  @Override
  public Block block(long i) {
    return stored.get(Math.toIntExact(i)).block();
  }

  /** Unmaps; no slice may be read any more (one that is throws). */
  @Override
  public void close() {
    arena.close();
  }
}
