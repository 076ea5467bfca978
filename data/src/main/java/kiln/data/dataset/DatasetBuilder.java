package kiln.data.dataset;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.queue.Manifest;
import kiln.data.queue.Preparation;
import kiln.data.queue.ReaderPosition;
import kiln.data.queue.Split;
import kiln.data.queue.WriterLock;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;

/**
 * Turns a source into a data set.
 *
 * <pre>
 *   preparation.json              with what it is being made; there before the first block
 *   train/writer-0-part-0/        a queue; every start of a writer begins a new part
 *   validation/writer-0-part-0/
 *   writer-0.lock                 held while the writer runs
 *   dataset.json                  written last: the data set is finished
 * </pre>
 *
 * <p>A build that was stopped in whatever way goes on when it is started again with the same source and options, and ends with the
 * same samples in the same blocks as one that was not stopped.
 */
public final class DatasetBuilder {
  private static final int TRUTH_AND_CAPTION_BYTES = 512;

  private final Source source;
  private final Path out;
  private final BuildOptions options;
  private final Path folder;

  private DatasetBuilder(Source source, Path out, BuildOptions options) {
    this.source = source;
    this.out = out;
    this.options = options;
    this.folder = out.toAbsolutePath().normalize();
  }

  /**
   * Builds a data set, or goes on building it.
   *
   * @param out the folder to make; must not exist, be empty, or hold what an earlier build of the same has left
   * @return what {@code dataset.json} says
   * @throws UserException if the folder holds something else, there is too little room, or (strict) input is unusable
   */
  public static Manifest build(Source source, Path out, BuildOptions options, ProgressListener listener) {
    if (options.share().apart()) {
      throw new IllegalArgumentException("share=" + options.share());
    }
    return buildShare(source, out, options, listener).orElseThrow();
  }

  /**
   * As {@link #build}, for one of several writers that prepare apart.
   *
   * @return empty if other writers are not done yet: the last one finishes the data set
   */
  public static Optional<Manifest> buildShare(Source source, Path out, BuildOptions options, ProgressListener listener) {
    return new DatasetBuilder(source, out, options).build(listener);
  }

  private Optional<Manifest> build(ProgressListener listener) {
    try {
      boolean isNew = begin();
      boolean keep = false;
      try (WriterLock _ = WriterLock.take(folder, options.share().name());
          SplitWriters writers = new SplitWriters(source, folder, options, listener::waiting)) {
        keep = !isNew || options.share().apart(); // others may be at work there
        try {
          return Optional.ofNullable(write(writers, listener));
        } catch (InterruptedIOException e) {
          throw new InterruptedException();
        } catch (IOException e) {
          throw writers.failure(out, e);
        } finally {
          keep |= writers.numBlocks() > 0;
        }
      } finally {
        if (!keep) {
          deleteTree(folder); // nothing worth going on with
        }
      }
    } catch (IOException e) {
      throw new UserException(out + ": cannot be written: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(out + ": interrupted; the same command goes on");
    }
  }

  /**
   * Makes the folder, or sees whether it is this preparation's.
   *
   * @return whether it was not there, or empty
   */
  private boolean begin() throws IOException {
    Preparation wanted =
        Preparation.of(
            source.name(),
            source.settings(),
            source.notes(),
            options.blockSize(),
            source.buckets(),
            options.share().writers(),
            options.share().apart());
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserException(folder + ": is a file, expected a folder");
    }
    Optional<Preparation> begun = Preparation.read(folder);
    if (begun.isEmpty()) {
      if (Files.isDirectory(folder) && !isOurs()) {
        throw new UserException(folder + ": already holds files; give --out a new or empty folder");
      }
      checkRoom(0);
      Files.createDirectories(folder);
    }
    try (WriterLock _ = WriterLock.await(folder)) {
      begun = Preparation.read(folder); // another writer may have been first
      if (begun.isEmpty()) {
        wanted.write(folder);
        return true;
      }
    }
    if (Files.exists(folder.resolve(Manifest.FILE))) {
      throw new UserException(folder + ": already holds files of a finished data set; give --out a new or empty folder");
    }
    Optional<String> difference = begun.get().difference(wanted);
    if (difference.isPresent()) {
      throw new UserException(
          folder + ": its preparation was begun with something else: " + difference.get()
              + "; give the same options to go on, or --out a new or empty folder");
    }
    return false;
  }

  /** Whether the folder is empty but for locks: a writer was killed before it could write anything. */
  private boolean isOurs() throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.allMatch(entry -> entry.toString().endsWith(".lock") || entry.endsWith(Preparation.FILE + ".part"));
    }
  }

  private Manifest write(SplitWriters writers, ProgressListener listener) throws IOException, InterruptedException {
    SkipReport skips = new SkipReport(options.strict());
    Map<Split, Long> done = new EnumMap<>(Split.class);
    if (writers.numBlocks() > 0) {
      listener.resumed(writers.numSamples(), writers.numBlocks());
      for (Split split : Split.values()) {
        done.put(split, writers.kept(split).samples());
      }
      checkRoom(writers.kept(Split.TRAIN).byteSize() + writers.kept(Split.VALIDATION).byteSize());
    }
    try (Drafts drafts = source.drafts(skips);
        OrderedWorkers workers = new OrderedWorkers(options.threads(), options.inFlight())) {
      workers.run(
          new PendingDrafts(drafts, options.share(), writers.done(), largestSample()),
          outcome -> {
            if (outcome.unusable() != null) {
              skips.add(outcome.unusable());
            } else {
              writers.add(outcome.draft(), outcome.split(), outcome.sample());
            }
            Split split = outcome.split();
            listener.progress(split, done.merge(split, 1L, Long::sum), source.count(split));
          });
    }
    Map<String, Manifest.Contents> splits = writers.finish();
    return options.share().apart() ? finishApart(splits, skips) : finish(splits, skips);
  }

  private Manifest finish(Map<String, Manifest.Contents> splits, SkipReport skips) throws IOException {
    if (!splits.containsKey(Split.TRAIN.folder())) {
      String why = skips.summary().stream().map(Manifest.Skipped::toString).collect(Collectors.joining("; "));
      throw new UserException(
          source.name() + ": not one usable sample for training; left out: " + (why.isEmpty() ? "none" : why));
    }
    Manifest manifest =
        Manifest.of(source.name(), source.settings(), options.blockSize(), splits, source.notes(), skips.summary());
    manifest.write(folder);
    WriterLock.delete(folder, options.share().writers());
    ReaderPosition.delete(folder);
    return manifest;
  }

  /** Says that this writer is done, and finishes the data set if it is the last; null if not. */
  private Manifest finishApart(Map<String, Manifest.Contents> splits, SkipReport skips) throws IOException {
    try (WriterLock _ = WriterLock.await(folder)) {
      new WriterResult(splits, skips.details()).write(folder, options.share().only());
      List<WriterResult> results = new ArrayList<>();
      for (int writer = 0; writer < options.share().writers(); writer++) {
        WriterResult.read(folder, writer).ifPresent(results::add);
      }
      if (results.size() < options.share().writers()) {
        return null;
      }
      SkipReport all = new SkipReport(false);
      results.forEach(result -> all.addAll(result.skipped()));
      Map<String, Manifest.Contents> sums = new LinkedHashMap<>();
      for (Split split : Split.values()) {
        List<Manifest.Contents> each =
            results.stream().map(result -> result.splits().get(split.folder())).filter(c -> c != null).toList();
        if (!each.isEmpty()) {
          sums.put(split.folder(), Manifest.Contents.sum(each));
        }
      }
      Manifest manifest = finish(sums, all);
      for (int writer = 0; writer < options.share().writers(); writer++) {
        WriterResult.delete(folder, writer);
      }
      return manifest;
    }
  }

  /** The writers of a data set whose queues are not complete yet, as in {@code 1, 3}. */
  public static String missing(Path folder, int writers) {
    return IntStream.range(0, writers)
        .filter(writer -> WriterResult.read(folder, writer).isEmpty())
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", "));
  }

  private long largestSample() {
    long largest = 0;
    for (BucketTable.Size size : source.buckets().sizes()) {
      Bucket bucket = new Bucket(size.height(), size.width(), source.buckets().captionLengths().getLast());
      largest = Math.max(largest, bucket.pixelBytes() + 2 * bucket.tokenBytes() + TRUTH_AND_CAPTION_BYTES);
    }
    return largest;
  }

  /** Says early what would be found late: room is also reserved before every record. */
  private void checkRoom(long there) throws IOException {
    long samples = source.count(Split.TRAIN).orElse(0) + source.count(Split.VALIDATION).orElse(0);
    long needed = largestSample() * samples / (options.share().apart() ? options.share().writers() : 1) - there;
    Path existing = folder;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    long usable = Files.getFileStore(existing).getUsableSpace();
    if (needed > usable) {
      throw new UserException(existing + ": " + usable + " bytes free, the data set needs about " + needed);
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
