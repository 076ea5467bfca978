package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * The training blocks of a data set that is still being made, in mapped memory: as many as have been written, in the order that they
 * have when the data set is finished. Nothing is opened for writing. For one thread.
 */
public final class GrowingBlocks implements Blocks, AutoCloseable {
  private final Path dataset;
  private final Path split;
  private final Preparation preparation;
  private final Arena arena = Arena.ofShared();
  private final Map<Part, PartFile> files = new LinkedHashMap<>();
  private final List<Map<Long, PartFile.Stored>> waiting = new ArrayList<>(); // by writer if they are apart, and number
  private final List<PartFile.Stored> ordered = new ArrayList<>();
  private long number;
  private int writer;
  private Manifest manifest;

  /**
   * @throws UserException if no preparation has begun in the folder, or it is of another version
   */
  public GrowingBlocks(Path dataset) {
    this.dataset = dataset;
    this.split = dataset.resolve(Split.TRAIN.folder());
    this.preparation =
        Preparation.read(dataset)
            .orElseThrow(
                () -> new UserException(dataset + ": no " + Preparation.FILE + ": no data set is being made there (./kiln data makes one)"));
    for (int w = 0; w < (preparation.apart() ? preparation.writers() : 1); w++) {
      waiting.add(new HashMap<>());
    }
    poll();
  }

  public Preparation preparation() {
    return preparation;
  }

  /**
   * Takes what has been written since.
   *
   * @throws UserException if the data set is finished, and does not hold what it should
   */
  public void poll() {
    if (isComplete()) {
      return;
    }
    boolean finished = Files.exists(dataset.resolve(Manifest.FILE)); // before the blocks are looked for: all are there then
    boolean[] done = new boolean[waiting.size()];
    for (int w = 0; w < done.length; w++) {
      done[w] = finished || Files.exists(dataset.resolve(Preparation.result(w)));
    }
    try {
      for (Part part : Part.in(split)) {
        if (Files.isRegularFile(part.file(split))) {
          take(part, files.computeIfAbsent(part, p -> new PartFile(split, p, arena)));
        }
      }
    } catch (IOException e) {
      throw new UserException(split + ": cannot be listed: " + Manifest.firstLine(e));
    }
    order(done);
    if (finished) {
      finish();
    }
  }

  private void take(Part part, PartFile file) {
    do {
      boolean more = true;
      while (more) {
        try {
          Optional<PartFile.Stored> next = file.next();
          next.ifPresent(stored -> waiting.get(preparation.apart() ? part.writer() : 0).putIfAbsent(stored.block().number(), stored));
          more = next.isPresent();
        } catch (PartFile.DamagedException e) {
          // it does not count: the writer makes it again when it goes on
        }
      }
    } while (file.grow());
  }

  /** Moves blocks over as long as the next one is there. */
  private void order(boolean[] done) {
    int without = 0; // writers one after the other that have no more blocks
    while (without < waiting.size()) {
      PartFile.Stored next = waiting.get(writer).remove(number);
      if (next != null) {
        ordered.add(next);
        without = 0;
      } else if (done[writer] && waiting.get(writer).isEmpty()) {
        without++;
      } else {
        return;
      }
      if (++writer == waiting.size()) {
        writer = 0;
        number++;
      }
    }
  }

  private void finish() {
    Manifest found = Manifest.read(dataset);
    long expected = found.contents(dataset, Split.TRAIN).blocks();
    if (ordered.size() != expected) {
      throw new UserException(split + ": " + ordered.size() + " complete blocks in order, expected " + expected);
    }
    manifest = found;
  }

  /** Whether the data set is finished, and all of it has been taken. */
  public boolean isComplete() {
    return manifest != null;
  }

  /** Whether nobody is making the rest. */
  public boolean writerIsGone() {
    for (int w = 0; w < waiting.size(); w++) {
      if (WriterLock.isHeld(dataset, w)) {
        return false;
      }
    }
    return !Files.exists(dataset.resolve(Manifest.FILE));
  }

  @Override
  public Path folder() {
    return split;
  }

  @Override
  public int blockSize() {
    return preparation.blockSize();
  }

  @Override
  public int numBlocks() {
    return ordered.size();
  }

  @Override
  public Block block(long i) {
    return ordered.get(Math.toIntExact(i)).block();
  }

  /** Unmaps; no slice may be read any more (one that is throws). */
  @Override
  public void close() {
    arena.close();
  }
}
