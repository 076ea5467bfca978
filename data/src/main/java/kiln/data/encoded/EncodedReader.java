package kiln.data.encoded;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.queue.BlockTable;
import kiln.data.queue.ListedFiles;
import kiln.data.queue.MalformedRecordException;
import kiln.data.queue.Split;

/**
 * The blocks of a finished encoded data set, in mapped memory and in the order of the source, whichever part they lie in; may
 * be shared by threads.
 */
public final class EncodedReader implements BlockTable, AutoCloseable {
  private final Path folder;
  private final EncodedManifest manifest;
  private final Arena arena = Arena.ofShared();
  private final List<Placed> blocks = new ArrayList<>();

  private record Placed(EncodedBlock block, String place) {
    long number() {
      return block.sourceBlock();
    }
  }

  private EncodedReader(Path folder, EncodedManifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * @param dataset the folder with {@code encoded.json}
   * @throws UserException naming the file, what was found and what was expected, if the data set is missing, not finished, of
   *     another version, cut short, damaged in a header, or has a block of other models or another source
   */
  public static EncodedReader open(Path dataset, Split split) {
    EncodedManifest manifest = EncodedManifest.read(dataset);
    Path folder = dataset.resolve(split.folder());
    EncodedManifest.Contents contents = manifest.contents(dataset, split);
    ListedFiles.check(folder, contents.files(), EncodedManifest.FILE);
    EncodedReader reader = new EncodedReader(folder, manifest);
    try {
      reader.map(contents);
      return reader;
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private void map(EncodedManifest.Contents contents) {
    TreeSet<String> parts = new TreeSet<>();
    contents.files().keySet().forEach(file -> parts.add(file.substring(0, Math.max(0, file.indexOf('/')))));
    byte[] key = manifest.origin().key();
    for (String part : parts) {
      int number = 0;
      for (MappedPart.Record record : MappedPart.open(folder.resolve(part), arena).records()) {
        String place = record.place(number++);
        if (!EncodedBlock.isVoid(record.memory())) {
          blocks.add(new Placed(block(record, place, key), place));
        }
      }
    }
    blocks.sort(Comparator.comparingLong(Placed::number));
    if (blocks.size() != contents.blocks()) {
      throw new UserException(
          folder + ": " + blocks.size() + " complete blocks, expected " + contents.blocks()
              + ": a record is torn or missing");
    }
    for (int i = 0; i < blocks.size(); i++) {
      if (blocks.get(i).number() != i) {
        throw new UserException(blocks.get(i).place + " is block " + blocks.get(i).number() + " of the source, expected " + i);
      }
    }
  }

  private EncodedBlock block(MappedPart.Record record, String place, byte[] key) {
    try {
      EncodedBlock block = EncodedBlock.at(record.memory());
      if (block.count() != manifest.blockSize()) {
        throw new UserException(place + " has " + block.count() + " samples, expected " + manifest.blockSize());
      }
      if (!Arrays.equals(block.key(), key)) {
        throw new UserException(place + " was made with other models or of other data than " + EncodedManifest.FILE + " says");
      }
      return block;
    } catch (MalformedRecordException e) {
      throw new UserException(place + " " + e.getMessage());
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
      if (!blocks.get(i).block.checksumHolds()) {
        throw new UserException(blocks.get(i).place + " is damaged: its CRC-32C does not match its bytes");
      }
      progress.accept(i + 1);
    }
  }

  @Override
  public Path folder() {
    return folder;
  }

  public EncodedManifest manifest() {
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
    return blocks.get(block).block.bucket();
  }

  @Override
  public int distinct(int block) {
    return blocks.get(block).block.distinct();
  }

  @Override
  public int checksum(int block) {
    return blocks.get(block).block.checksum();
  }

  public EncodedBlock block(long i) {
    return blocks.get(Math.toIntExact(i)).block;
  }

  /** Unmaps; no slice may be read any more (one that is throws). */
  @Override
  public void close() {
    arena.close();
  }
}
