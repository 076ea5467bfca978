package kiln.launcher.encode;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What rank 0 says while it works: its share of the blocks stands for all. */
final class EncodeProgress {
  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final PrintStream out;
  private final long blocks;
  private final int ranks;
  private final long start = System.nanoTime();
  private long said = start - EVERY; // so that the first block is told of
  private long done;
  private long samples;

  /**
   * @param out null to say nothing
   * @param blocks of this rank
   * @param ranks that work like this one
   */
  EncodeProgress(PrintStream out, long blocks, int ranks) {
    this.out = out;
    this.blocks = blocks;
    this.ranks = ranks;
  }

  /** One block of so many samples has been written. */
  void encoded(int count) {
    done++;
    samples += count;
    long now = System.nanoTime();
    if (out != null && now - said >= EVERY) {
      said = now;
      double rate = samples / ((now - start) * 1e-9);
      long left = Math.round((blocks - done) * (double) samples / done / rate);
      out.printf(
          Locale.ROOT, "block %d/%d of rank 0  %.1f samples/s on %d rank%s  ETA %d:%02d%n", done, blocks, rate * ranks, ranks,
          ranks == 1 ? "" : "s", left / 60, left % 60);
      out.flush();
    }
  }
}
