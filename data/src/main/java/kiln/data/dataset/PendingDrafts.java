package kiln.data.dataset;

import java.util.BitSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.UnusableException;

/** The drafts of a source that this process has to make: those of its share that no block holds yet, with their numbers. */
final class PendingDrafts implements Iterator<OrderedWorkers.Item<PendingDrafts.Outcome>> {
  private final Drafts drafts;
  private final WriterShare share;
  private final BitSet done;
  private final long sampleBytes;
  private long number = -1;
  private Draft next;

  /** A draft's sample, or why there is none. */
  record Outcome(long draft, Split split, Sample sample, UnusableException unusable) {}

  /**
   * @param done numbers of the drafts that need not be made
   * @param sampleBytes of the largest sample
   */
  PendingDrafts(Drafts drafts, WriterShare share, BitSet done, long sampleBytes) {
    this.drafts = drafts;
    this.share = share;
    this.done = done;
    this.sampleBytes = sampleBytes;
  }

  @Override
  public boolean hasNext() {
    while (next == null && drafts.hasNext()) {
      Draft draft = drafts.next();
      number++;
      if (share.makes(number) && !done.get(Math.toIntExact(number))) {
        next = draft;
      }
    }
    return next != null;
  }

  @Override
  public OrderedWorkers.Item<Outcome> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Draft draft = next;
    long draftNumber = number;
    next = null;
    return new OrderedWorkers.Item<>(draft.maker().heldBytes() + sampleBytes, () -> outcome(draftNumber, draft));
  }

  private static Outcome outcome(long number, Draft draft) {
    try {
      return new Outcome(number, draft.split(), draft.make(), null);
    } catch (UnusableException e) {
      return new Outcome(number, draft.split(), null, e);
    }
  }
}
