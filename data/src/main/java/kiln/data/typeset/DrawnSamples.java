package kiln.data.typeset;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.UnusableException;

/**
 * Samples that are drawn from nothing but a seed and their number, as many as are wanted.
 *
 * @param count of training samples
 * @param validationCount of validation samples
 */
public record DrawnSamples(long count, long validationCount, long seed) {
  private static final long VALIDATION_IDS = 1L << 40;

  /** Draws one. */
  @FunctionalInterface
  public interface Drawing {
    Sample sample(Split split, long index) throws UnusableException;
  }

  public OptionalLong count(Split split) {
    return OptionalLong.of(
        switch (split) {
          case TRAIN -> count;
          case VALIDATION -> validationCount;
        });
  }

  /** What a sample is called. */
  public long id(Split split, long index) {
    return split == Split.TRAIN ? index : VALIDATION_IDS + index;
  }

  /** All that is random about a sample. */
  public SplittableRandom random(Split split, long index) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ id(split, index) * 0xD1B54A32D192ED03L);
  }

  /** Training, then validation; each draft is made when it is asked for. */
  public Drafts drafts(Drawing drawing) {
    return Drafts.of(
        new Iterator<>() {
          private long next;

          @Override
          public boolean hasNext() {
            return next < count + validationCount;
          }

          @Override
          public Draft next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            Split split = next < count ? Split.TRAIN : Split.VALIDATION;
            long index = next < count ? next : next - count;
            next++;
            return new Draft(split, () -> drawing.sample(split, index));
          }
        });
  }
}
