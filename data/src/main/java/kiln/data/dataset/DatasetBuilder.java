package kiln.data.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.BatchWriter;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/**
 * Turns a source into a data set: {@code train/} and {@code validation/}, a queue each, and {@code dataset.json}. Everything is
 * written into a folder beside the wanted one, which takes its name only when it is complete.
 */
public final class DatasetBuilder {
  private static final int TRUTH_AND_CAPTION_BYTES = 512;

  private DatasetBuilder() {}

  /** A draft's sample, or why there is none. */
  private record Outcome(Split split, Sample sample, UnusableException unusable) {}

  /**
   * @param out the folder to make; must not exist, or be empty
   * @return what {@code dataset.json} says
   * @throws UserException if the folder holds something already, there is too little room, or (strict) input is unusable
   */
  public static Manifest build(Source source, Path out, BuildOptions options, ProgressListener listener) {
    Path target = out.toAbsolutePath().normalize();
    Path aside = target.resolveSibling("." + target.getFileName() + ".partial");
    try {
      checkFree(target);
      Files.createDirectories(target.getParent());
      checkRoom(source, target.getParent());
      deleteTree(aside);
      Files.createDirectory(aside);
      Manifest manifest;
      try {
        manifest = write(source, aside, options, listener);
        Files.deleteIfExists(target);
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        deleteTree(aside);
      }
      return manifest;
    } catch (IOException e) {
      throw new UserException(out + ": cannot be written: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(out + ": interrupted, nothing was kept");
    }
  }

  private static Manifest write(Source source, Path folder, BuildOptions options, ProgressListener listener)
      throws IOException, InterruptedException {
    SkipReport skips = new SkipReport(options.strict());
    Map<String, Manifest.Contents> splits = new LinkedHashMap<>();
    try (Writers writers = new Writers(source, folder, options)) {
      write(source, writers, skips, options, listener);
      for (Map.Entry<Split, BatchWriter> entry : writers.open.entrySet()) {
        splits.put(entry.getKey().folder(), entry.getValue().finish());
      }
    }
    if (!splits.containsKey(Split.TRAIN.folder())) {
      throw new UserException(source.name() + ": not one usable sample for training; left out: " + skips.summary());
    }
    Manifest manifest =
        Manifest.of(source.name(), source.settings(), options.blockSize(), splits, source.notes(), skips.summary());
    manifest.write(folder);
    return manifest;
  }

  /** A queue of each split that has samples. */
  private static final class Writers implements AutoCloseable {
    private final Source source;
    private final Path folder;
    private final BuildOptions options;
    private final Map<Split, BatchWriter> open = new EnumMap<>(Split.class);

    Writers(Source source, Path folder, BuildOptions options) {
      this.source = source;
      this.folder = folder;
      this.options = options;
    }

    void add(Split split, Sample sample) {
      open.computeIfAbsent(split, this::open).add(sample);
    }

    private BatchWriter open(Split split) {
      return new BatchWriter(folder.resolve(split.folder()), options.blockSize(), source.buckets());
    }

    @Override
    public void close() {
      open.values().forEach(BatchWriter::close);
    }
  }

  private static void write(
      Source source, Writers writers, SkipReport skips, BuildOptions options, ProgressListener listener)
      throws InterruptedException {
    Map<Split, Long> done = new EnumMap<>(Split.class);
    try (Drafts drafts = source.drafts(skips);
        OrderedWorkers workers = new OrderedWorkers(options.threads())) {
      Iterator<Callable<Outcome>> work =
          new Iterator<>() {
            @Override
            public boolean hasNext() {
              return drafts.hasNext();
            }

            @Override
            public Callable<Outcome> next() {
              Draft draft = drafts.next();
              return () -> outcome(draft);
            }
          };
      workers.run(
          work,
          outcome -> {
            if (outcome.unusable != null) {
              skips.add(outcome.unusable);
            } else {
              writers.add(outcome.split, outcome.sample);
            }
            listener.progress(outcome.split, done.merge(outcome.split, 1L, Long::sum), source.count(outcome.split));
          });
    }
  }

  private static Outcome outcome(Draft draft) {
    try {
      return new Outcome(draft.split(), draft.make(), null);
    } catch (UnusableException e) {
      return new Outcome(draft.split(), null, e);
    }
  }

  private static void checkFree(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      try (var entries = Files.list(target)) {
        if (entries.findAny().isPresent()) {
          throw new UserException(target + ": already holds files; give --out a new or empty folder");
        }
      }
    } else if (Files.exists(target)) {
      throw new UserException(target + ": is a file, expected a folder");
    }
  }

  /** A mapped file that finds the disk full stops the process, so this looks first. */
  private static void checkRoom(Source source, Path parent) throws IOException {
    long largest = 0;
    for (BucketTable.Size size : source.buckets().sizes()) {
      Bucket bucket = new Bucket(size.height(), size.width(), source.buckets().captionLengths().getLast());
      largest = Math.max(largest, bucket.pixelBytes() + 2 * bucket.tokenBytes() + TRUTH_AND_CAPTION_BYTES);
    }
    long samples = source.count(Split.TRAIN).orElse(0) + source.count(Split.VALIDATION).orElse(0);
    long needed = largest * samples;
    long usable = Files.getFileStore(parent).getUsableSpace();
    if (needed > usable) {
      throw new UserException(parent + ": " + usable + " bytes free, the data set needs about " + needed);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
