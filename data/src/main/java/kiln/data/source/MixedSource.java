package kiln.data.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;

/**
 * Several sources as one. Each training draft is the next of a source drawn by the weights and a seed: which one depends on nothing
 * else, so the mix is the same every time. Drafts for validation come along as they lie between, all of them. Of samples with the
 * same id in two sources the ids become different.
 */
public final class MixedSource implements Source {
  /** What happens when a source has no more training drafts. */
  public enum WhenExhausted {
    /** The others go on, with their weights among each other. */
    CONTINUE,
    /** There are no more training drafts of any; the weights hold for all there are. */
    STOP
  }

  private final List<Part> parts;
  private final long seed;
  private final WhenExhausted whenExhausted;
  private final BucketTable buckets;

  /**
   * One of the sources.
   *
   * @param name tells it from the others
   * @param weight its share of the training drafts, relative to the others'
   */
  public record Part(String name, Source source, double weight) {
    public Part {
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new UserException("--mix " + name + "=" + weight + ": expected a weight above 0");
      }
    }
  }

  /**
   * @throws UserException if there is no part, or two have the same name
   */
  public MixedSource(List<Part> parts, long seed, WhenExhausted whenExhausted) {
    this.parts = List.copyOf(parts);
    this.seed = seed;
    this.whenExhausted = whenExhausted;
    if (parts.isEmpty()) {
      throw new UserException("--mix: expected at least one source");
    }
    Set<String> names = new LinkedHashSet<>();
    Set<BucketTable.Size> sizes = new LinkedHashSet<>();
    Set<Integer> lengths = new LinkedHashSet<>();
    for (Part part : parts) {
      if (!names.add(part.name)) {
        throw new UserException("--mix " + part.name + ": is there twice");
      }
      sizes.addAll(part.source.buckets().sizes());
      lengths.addAll(part.source.buckets().captionLengths());
    }
    buckets = new BucketTable(List.copyOf(sizes), List.copyOf(lengths));
  }

  @Override
  public String name() {
    return "mix";
  }

  /** All sizes and caption lengths of the parts. */
  @Override
  public BucketTable buckets() {
    return buckets;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("seed", seed);
    settings.put("whenExhausted", whenExhausted.name());
    Map<String, Object> all = new LinkedHashMap<>();
    for (Part part : parts) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("weight", part.weight);
      one.put("source", part.source.name());
      one.put("settings", part.source.settings());
      all.put(part.name, one);
    }
    settings.put("parts", all);
    return settings;
  }

  /** Those of the parts, by their names. */
  @Override
  public Map<String, Object> notes() {
    Map<String, Object> notes = new LinkedHashMap<>();
    parts.forEach(part -> notes.put(part.name, part.source.notes()));
    return notes;
  }

  /** Known if every part knows its own, and all of them are given. */
  @Override
  public OptionalLong count(Split split) {
    if (split == Split.TRAIN && whenExhausted == WhenExhausted.STOP && parts.size() > 1) {
      return OptionalLong.empty();
    }
    long all = 0;
    for (Part part : parts) {
      OptionalLong count = part.source.count(split);
      if (count.isEmpty()) {
        return OptionalLong.empty();
      }
      all += count.getAsLong();
    }
    return OptionalLong.of(all);
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    List<Drafts> open = new ArrayList<>();
    try {
      for (Part part : parts) {
        open.add(part.source.drafts(skips));
      }
    } catch (RuntimeException e) {
      open.forEach(Drafts::close);
      throw e;
    }
    return new Mixed(open);
  }

  /**
   * Bits at the top of an id, below its sign, that say which part it is of; ids of sources that count their samples need fewer
   * than are left, and of those that are hashes enough is left.
   */
  private Sample renamed(Sample sample, int part) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(parts.size() - 1L);
    int left = Long.SIZE - 1 - bits;
    long id = (sample.id() & ((1L << left) - 1)) | (long) part << left;
    return new Sample(id, sample.size(), sample.pixels(), sample.caption(), sample.truth());
  }

  private final class Mixed implements Drafts {
    private final List<Drafts> all;
    private final List<Integer> going = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(seed);
    private Draft ahead;
    private boolean stopped;

    /** The part that has been drawn and has not given a training draft yet; -1 if the next is to be drawn. */
    private int turn = -1;

    Mixed(List<Drafts> all) {
      this.all = all;
      for (int i = 0; i < all.size(); i++) {
        going.add(i);
      }
    }

    @Override
    public boolean hasNext() {
      while (ahead == null && !going.isEmpty()) {
        if (turn < 0) {
          turn = stopped ? going.getFirst() : draw();
        }
        ahead = advance(turn);
      }
      return ahead != null;
    }

    @Override
    public Draft next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Draft next = ahead;
      ahead = null;
      return next;
    }

    private int draw() {
      double sum = going.stream().mapToDouble(part -> parts.get(part).weight).sum();
      double drawn = random.nextDouble() * sum;
      for (int part : going) {
        drawn -= parts.get(part).weight;
        if (drawn < 0) {
          return part;
        }
      }
      return going.getLast();
    }

    /** The next draft of a part, or null if there is none, or none that is wanted. */
    private Draft advance(int part) {
      Drafts drafts = all.get(part);
      if (!drafts.hasNext()) {
        going.remove((Integer) part);
        turn = -1;
        stopped |= whenExhausted == WhenExhausted.STOP;
        return null;
      }
      Draft draft = drafts.next();
      if (draft.split() == Split.TRAIN) {
        turn = -1;
        if (stopped) {
          return null;
        }
      }
      return new Draft(draft.split(), () -> renamed(draft.make(), part));
    }

    @Override
    public void close() {
      all.forEach(Drafts::close);
    }
  }
}
