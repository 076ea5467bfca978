package kiln.data.dataset;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import kiln.bindings.UserException;
import kiln.data.Sample;
import kiln.data.queue.Ahead;
import kiln.data.queue.BatchWriter;
import kiln.data.queue.KeptBlocks;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.queue.WritingLimits;
import kiln.data.source.Source;

/** The queues that this process fills: of each split that has samples. */
final class SplitWriters implements AutoCloseable {
  private final Source source;
  private final Path folder;
  private final BuildOptions options;
  private final Ahead ahead;
  private final Map<Split, KeptBlocks> kept = new EnumMap<>(Split.class);
  private final Map<Split, BatchWriter> open = new EnumMap<>(Split.class);

  /**
   * Reads what earlier runs have left.
   *
   * @param waiting told when it begins to wait for a trainer, and how many bytes lie ahead of it
   */
  SplitWriters(Source source, Path folder, BuildOptions options, LongConsumer waiting) throws IOException {
    this.ahead =
        options.ahead() == null
            ? null
            : new Ahead(folder, options.ahead(), options.share().apart() ? options.share().writers() : 1, waiting);
    this.source = source;
    this.folder = folder;
    this.options = options;
    for (Split split : Split.values()) {
      KeptBlocks blocks = KeptBlocks.scan(folder.resolve(split.folder()), options.share().lanes());
      kept.put(split, blocks);
      if (blocks.numBlocks() > 0) {
        open(split);
      }
    }
  }

  /** The drafts that are in blocks already. */
  BitSet done() {
    BitSet done = new BitSet();
    kept.values().forEach(blocks -> done.or(blocks.drafts()));
    return done;
  }

  void add(long draft, Split split, Sample sample) throws IOException {
    open(split).add(draft, sample);
  }

  private BatchWriter open(Split split) {
    return open.computeIfAbsent(
        split,
        s ->
            new BatchWriter(
                folder.resolve(s.folder()),
                options.blockSize(),
                source.buckets(),
                options.share().lanes(),
                kept.get(s),
                new WritingLimits(s == Split.TRAIN ? ahead : null, options.inFlight())));
  }

  KeptBlocks kept(Split split) {
    return kept.get(split);
  }

  /** Blocks that are whole. */
  long numBlocks() {
    return open.values().stream().mapToLong(BatchWriter::numBlocks).sum();
  }

  /** Different samples in them. */
  long numSamples() {
    return open.values().stream().mapToLong(BatchWriter::numSamples).sum();
  }

  /** Writes the last blocks. */
  Map<String, Manifest.Contents> finish() throws IOException {
    Map<String, Manifest.Contents> splits = new LinkedHashMap<>();
    for (Map.Entry<Split, BatchWriter> entry : open.entrySet()) {
      splits.put(entry.getKey().folder(), entry.getValue().finish());
    }
    return splits;
  }

  /** What is said when there is no room, or something else is wrong with the disk. */
  UserException failure(Path out, IOException e) {
    String reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
    return new UserException(
        out + ": cannot be written: " + reason + "; " + numSamples() + " samples in " + numBlocks()
            + " blocks are kept: make room and run the same command again",
        e);
  }

  @Override
  public void close() {
    open.values().forEach(BatchWriter::close);
  }
}
