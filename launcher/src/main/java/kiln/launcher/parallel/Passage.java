package kiln.launcher.parallel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import kiln.collectives.BucketLayout;
import kiln.collectives.BucketLayout.Range;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanOutline;
import kiln.model.plan.Residency;
import kiln.model.train.StepDivision;
import kiln.model.train.TrainingGraph;

/**
 * How a training step passes through its parameters, bucket by bucket: when weights are read and when gradients are
 * written, from which follows how many of those that others keep are in memory at once.
 *
 * @param visits to buckets of weights
 * @param written when each gradient is written, in nodes of the plan; -1 for one that does not exist
 * @param bytes of each gradient
 */
public record Passage(List<Residency.Visit> visits, int[] written, long[] bytes) {
  /** Nothing passes: ranks divide nothing. */
  public static final Passage NONE = new Passage(List.of(), new int[0], new long[0]);

  /** What a step's plan reads and writes when. */
  public static Passage of(TrainingGraph traced, ParameterTable table, BucketLayout buckets, Backend backend) {
    Recorder recorder = new Recorder(buckets);
    PlanOutline outline = traced.outline(backend, 1, false, table, new StepDivision(true, recorder, Long.MAX_VALUE));
    List<Node> nodes = outline.nodes();
    int[] written = new int[table.entries().size()];
    Arrays.fill(written, -1);
    Map<Node, Integer> positions = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      positions.put(nodes.get(i), i);
    }
    traced.gradients().forEach((parameter, gradient) -> {
      written[table.entry(parameter.name()).index()] = position(gradient, positions);
    });
    long[] bytes = table.entries().stream().mapToLong(ParameterTable.Entry::bytes).toArray();
    return new Passage(recorder.visits, written, bytes);
  }

  private static int position(Value gradient, Map<Node, Integer> positions) {
    return positions.getOrDefault(gradient.producer(), 0);
  }

  /** Keeps what a plan says of its visits. */
  private static final class Recorder implements Residency {
    private final BucketLayout buckets;
    private List<Visit> visits = List.of();

    Recorder(BucketLayout buckets) {
      this.buckets = buckets;
    }

    @Override
    public int group(int parameterIndex) {
      return buckets.bucketOf()[parameterIndex];
    }

    @Override
    public Visitor plan(List<Visit> found) {
      visits = found;
      return new Visitor() {
        @Override
        public void enter(int visit) {}

        @Override
        public void leave(int visit) {}
      };
    }
  }

  /**
   * Most bytes that are there at once besides what is kept. Where weights are whole, those of the average come for validation
   * instead, when there are no gradients.
   *
   * @param sums whether shares of gradients are added up elsewhere
   */
  long bytes(ShardLayout layout, DType compute, boolean sums) {
    if (layout.mode() == ShardMode.NONE || layout.size() == 1) {
      return 0;
    }
    boolean narrow = layout.mode().dividesWeights() && compute == DType.BF16;
    long weights = weightBytes(layout, narrow);
    long gradients = layout.mode().dividesGradients() ? gradientBytes(layout, sums) : 0;
    return layout.mode().dividesWeights() ? weights + gradients : Math.max(weights, gradients);
  }

  /** The next bucket comes as soon as one is entered. */
  private long weightBytes(ShardLayout layout, boolean narrow) {
    ToLongFunction<Range> size = b -> b.bytes() - layout.share(b).bytes() + (narrow ? b.bytes() / 2 : 0);
    TreeMap<Integer, Long> changes = new TreeMap<>();
    for (int i = 0; i < visits.size(); i++) {
      long amount = size.applyAsLong(layout.buckets().buckets().get(visits.get(i).group()));
      int from = i == 0 ? 0 : visits.get(i - 1).first();
      changes.merge(from, amount, Long::sum);
      changes.merge(visits.get(i).last() + 1, -amount, Long::sum);
    }
    return peak(changes);
  }

  /** In the first step buckets go in their own order, later in that in which they become complete. */
  private long gradientBytes(ShardLayout layout, boolean sums) {
    List<Range> own = layout.buckets().buckets();
    List<Range> learned = new ArrayList<>(own);
    learned.sort(Comparator.comparingInt(this::complete));
    return Math.max(gradientBytes(own, layout, sums), gradientBytes(learned, layout, sums));
  }

  private long gradientBytes(List<Range> order, ShardLayout layout, boolean sums) {
    int[] starts = new int[order.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = Math.max(complete(order.get(i)), i == 0 ? 0 : starts[i - 1]);
    }
    TreeMap<Integer, Long> changes = new TreeMap<>();
    for (int i = 0; i < starts.length; i++) {
      Range bucket = order.get(i);
      double others = sums ? 1 : 1 - (double) layout.share(bucket).bytes() / bucket.bytes();
      int over = i + ShardReducer.MOST_UNDER_WAY;
      int end = over < starts.length ? starts[over] : Integer.MAX_VALUE;
      for (int p = bucket.first(); p <= bucket.last(); p++) {
        if (written[p] >= 0) {
          long amount = (long) (bytes[p] * others);
          changes.merge(written[p], amount, Long::sum);
          changes.merge(Math.max(end, written[p] + 1), -amount, Long::sum);
        }
      }
    }
    return peak(changes);
  }

  private int complete(Range bucket) {
    return Arrays.stream(written, bucket.first(), bucket.last() + 1).max().orElse(0);
  }

  private static long peak(TreeMap<Integer, Long> changes) {
    long now = 0;
    long most = 0;
    for (long change : changes.values()) {
      now += change;
      most = Math.max(most, now);
    }
    return most;
  }
}
