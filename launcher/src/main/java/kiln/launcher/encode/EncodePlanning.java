package kiln.launcher.encode;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.EncodedSize;
import kiln.data.encoded.Origin;
import kiln.data.encoded.UnfinishedSplit;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;

/** What is to be made, what of it is there, and how large it will be. */
final class EncodePlanning implements AutoCloseable {
  private static final double MEGA = 1e6;

  private final FrozenModels models;
  private final Origin origin;
  private final List<SplitPlan> splits = new ArrayList<>();

  private static final class SplitPlan {
    private final Split split;
    private final BatchReader source;
    private final UnfinishedSplit made;
    private BitSet there;
    private EncodedSize size;

    SplitPlan(Split split, BatchReader source, UnfinishedSplit made) {
      this.split = split;
      this.source = source;
      this.made = made;
    }

    int missing() {
      return source.numBlocks() - there.cardinality();
    }
  }

  /**
   * @param folder of the data set while it is made
   * @throws UserException if the source cannot be used
   */
  EncodePlanning(Path data, Manifest manifest, Path folder, FrozenModels models, Origin origin) throws IOException {
    this.models = models;
    this.origin = origin;
    try {
      for (Split split : Split.values()) {
        if (manifest.splits().containsKey(split.folder())) {
          UnfinishedSplit made = new UnfinishedSplit(folder.resolve(split.folder()), origin.key());
          splits.add(new SplitPlan(split, BatchReader.open(data, split), made));
        }
      }
      look();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Finds out what is there. No rank may be at work. */
  void look() throws IOException {
    for (SplitPlan plan : splits) {
      plan.there = plan.made.sound();
      plan.size = EncodedSize.of(plan.source, i -> models.shape(plan.source.bucket(i)), plan.there);
      if (!plan.size.fits()) {
        throw new UserException(
            plan.source.folder() + ": a block would take " + plan.size.largestBlock() + " bytes once it is encoded, more than a"
                + " record may; make the data set with a smaller --block-size");
      }
    }
  }

  Origin origin() {
    return origin;
  }

  /** Blocks in all. */
  long blocks() {
    return splits.stream().mapToLong(plan -> plan.source.numBlocks()).sum();
  }

  /** Blocks that are not there yet. */
  long missing() {
    return splits.stream().mapToLong(SplitPlan::missing).sum();
  }

  /** Bytes on disk when all is done. */
  long predicted(int ranks) {
    return models.bytes() + splits.stream().mapToLong(plan -> plan.size.onDisk(ranks)).sum();
  }

  /** Bytes that must be free. */
  long needed(int ranks) {
    return models.bytes() + splits.stream().filter(p -> p.missing() > 0).mapToLong(p -> p.size.needed(ranks)).sum();
  }

  /** Says what will be made, and how large it will be. */
  void announce(PrintStream out, int ranks) {
    StringBuilder line = new StringBuilder("predicted size: " + megabytes(predicted(ranks)) + " (");
    for (SplitPlan plan : splits) {
      line.append(plan.split.folder()).append(' ').append(megabytes(plan.size.onDisk(ranks))).append(", ");
    }
    out.println(line.append("models ").append(megabytes(models.bytes())).append(')'));
    if (missing() < blocks()) {
      out.printf("%d of %d blocks are there already and sound%n", blocks() - missing(), blocks());
    }
  }

  /** What ranks are to do. */
  Map<String, EncodeJob.SplitWork> work() throws IOException {
    Map<String, EncodeJob.SplitWork> work = new LinkedHashMap<>();
    for (SplitPlan plan : splits) {
      List<Integer> blocks = IntStream.range(0, plan.source.numBlocks()).filter(i -> !plan.there.get(i)).boxed().toList();
      if (!blocks.isEmpty()) {
        work.put(plan.split.folder(), new EncodeJob.SplitWork(plan.made.nextAttempt(), plan.size.largestBlock(), blocks));
      }
    }
    return work;
  }

  /** Cuts and forces all files of a complete data set, and counts what is in them. */
  Map<String, EncodedManifest.Contents> finish() throws IOException {
    Map<String, EncodedManifest.Contents> contents = new LinkedHashMap<>();
    for (SplitPlan plan : splits) {
      Map<String, Long> buckets = new LinkedHashMap<>();
      long samples = 0;
      for (int i = 0; i < plan.source.numBlocks(); i++) {
        buckets.merge(plan.source.bucket(i).toString(), (long) plan.source.distinct(i), Long::sum);
        samples += plan.source.distinct(i);
      }
      Map<String, Long> files = plan.made.finish();
      contents.put(
          plan.split.folder(), new EncodedManifest.Contents(samples, plan.source.numBlocks(), buckets, files));
    }
    return contents;
  }

  static long folderBytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f MB", bytes / MEGA);
  }

  @Override
  public void close() {
    splits.forEach(plan -> plan.source.close());
  }
}
