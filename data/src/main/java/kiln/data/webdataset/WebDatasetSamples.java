package kiln.data.webdataset;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import kiln.bindings.UserException;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;

/** The samples of all shards, one shard after the other; the next ones are read ahead. */
final class WebDatasetSamples implements RawSamples {
  private final Iterator<Supplier<ShardAhead>> shards;
  private final int atOnce;
  private final SkipReport skips;
  private final ArrayDeque<ShardAhead> reading = new ArrayDeque<>();
  private RawSample next;

  /**
   * @param shards start to be read when they are asked for
   */
  WebDatasetSamples(Iterator<Supplier<ShardAhead>> shards, int atOnce, SkipReport skips) {
    this.shards = shards;
    this.atOnce = atOnce;
    this.skips = skips;
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      while (reading.size() < atOnce && shards.hasNext()) {
        reading.add(shards.next().get());
      }
      if (reading.isEmpty()) {
        return false;
      }
      switch (take(reading.peek())) {
        case ShardAhead.Ready ready -> next = ready.sample();
        case ShardAhead.LeftOut leftOut -> skips.add(leftOut.unusable());
        case ShardAhead.Failed failed -> throw new IllegalStateException("reading a shard failed", failed.failure());
        case null -> reading.remove().close();
      }
    }
    return true;
  }

  private static ShardAhead.Event take(ShardAhead shard) {
    try {
      return shard.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while reading shards");
    }
  }

  @Override
  public RawSample next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    RawSample sample = next;
    next = null;
    return sample;
  }

  @Override
  public void close() {
    reading.forEach(ShardAhead::close);
    reading.clear();
  }
}
