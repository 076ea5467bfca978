package kiln.launcher.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.launcher.explain.Subject.MemoryPart;
import kiln.launcher.parallel.ShardMemory;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.PlanOutline;
import kiln.model.plan.PlanOutline.Stay;

/**
 * What a {@link Subject} costs.
 *
 * @param subject in words
 * @param launches kernels of one run of the plan
 * @param flops of one run: products and convolutions, a multiplication and an addition counting as two
 * @param bytes that one run reads and writes at least
 * @param runs of the plan in one step
 * @param runSeconds that one run takes at least
 * @param stepSeconds that a step takes at least: all runs, and the optimizer
 * @param peakFlops of the machine, per second
 * @param peakBytes of the machine, per second
 * @param peaksFrom where these two are from, in words
 * @param kinds of kernels, those that take longest first
 * @param memory by category, at the moment when most is needed
 * @param memoryBytes all of it; the Java heap and libraries come on top
 * @param planBytes of it, those of the plan
 * @param buffers of the plan, the largest first
 * @param shards the training state on the rank that keeps most of it, by number of ranks and by what they divide
 * @param card whether that fits a GPU; null if processors compute
 */
public record Explanation(
    String subject,
    int launches,
    long flops,
    long bytes,
    int runs,
    double runSeconds,
    double stepSeconds,
    double peakFlops,
    double peakBytes,
    String peaksFrom,
    List<Kind> kinds,
    List<MemoryPart> memory,
    long memoryBytes,
    long planBytes,
    List<LargeBuffer> buffers,
    List<ShardMemory> shards,
    CardFit card) {

  private static final int BUFFERS = 12;
  private static final String OUTSIDE = "(outside of layers)";

  /** Kernels of one kind; {@code seconds} is what they take at least. */
  public record Kind(String name, int launches, long flops, long bytes, double seconds) {
    private Kind plus(LaunchInfo launch, double least) {
      return new Kind(name, launches + 1, flops + launch.flops(), bytes + launch.bytes(), seconds + least);
    }
  }

  /**
   * A tensor in the plan's region.
   *
   * @param layer that computes it, or the input's name
   * @param operation that computes it, {@code input}, or {@code scratch} if it is what a kernel needs while it runs
   * @param use {@code forward}, {@code backward}, or {@code kept} from the one to the other
   */
  public record LargeBuffer(long bytes, String type, String layer, String operation, String use) {}

  /**
   * @param card what is known of the GPU that is to compute; null if processors do
   */
  public static Explanation of(Subject subject, MachinePeaks peaks, CardFit card) {
    PlanOutline outline = subject.outline();
    Map<String, Kind> kinds = new LinkedHashMap<>();
    double seconds = 0;
    for (LaunchInfo launch : outline.launches()) {
      if (!launch.kind().equals(LaunchInfo.AFTER)) {
        double least = peaks.seconds(launch);
        seconds += least;
        Kind before = kinds.getOrDefault(launch.kind(), new Kind(launch.kind(), 0, 0, 0, 0));
        kinds.put(launch.kind(), before.plus(launch, least));
      }
    }
    List<Kind> slowest = kinds.values().stream().sorted(Comparator.comparingDouble(Kind::seconds).reversed()).toList();
    List<MemoryPart> memory = memory(subject);
    return new Explanation(
        subject.description(),
        slowest.stream().mapToInt(Kind::launches).sum(),
        outline.flops(),
        slowest.stream().mapToLong(Kind::bytes).sum(),
        subject.runs(),
        seconds,
        subject.runs() * seconds + subject.optimizerBytes() / peaks.bytes(),
        peaks.flops(),
        peaks.bytes(),
        peaks.source(),
        slowest,
        memory,
        memory.stream().mapToLong(MemoryPart::bytes).sum(),
        outline.bytes(),
        buffers(subject),
        subject.shards(),
        card);
  }

  /** All memory that a subject needs when most is needed. */
  static long memoryBytes(Subject subject) {
    return memory(subject).stream().mapToLong(MemoryPart::bytes).sum();
  }

  private static List<MemoryPart> memory(Subject subject) {
    PlanOutline outline = subject.outline();
    int end = subject.forwardEnd();
    int fullest = outline.fullest();
    long inputs = 0;
    long kept = 0;
    long others = 0;
    long scratch = 0;
    long gaps = outline.regionBytes();
    for (Stay stay : outline.stays()) {
      if (!stay.covers(fullest)) {
        continue;
      }
      gaps -= stay.bytes();
      if (stay.value() == null) {
        scratch += stay.bytes();
      } else if (stay.value().isInput()) {
        inputs += stay.bytes();
      } else if (isKept(stay, end, outline)) {
        kept += stay.bytes();
      } else {
        others += stay.bytes();
      }
    }
    List<MemoryPart> parts = new ArrayList<>(subject.state());
    parts.add(new MemoryPart("plan: inputs", inputs));
    if (subject.optimizerBytes() > 0) {
      parts.add(new MemoryPart("plan: activations kept for backward", kept));
    }
    parts.add(new MemoryPart("plan: other activations and their gradients", others));
    parts.add(new MemoryPart("plan: scratch of a kernel", scratch));
    parts.add(new MemoryPart("plan: gaps between them", gaps));
    parts.add(new MemoryPart("plan: frozen weights as kernels want them", outline.kept()));
    return parts;
  }

  /** Whether it is computed in forward and read in backward. */
  private static boolean isKept(Stay stay, int forwardEnd, PlanOutline outline) {
    boolean read = stay.last() < outline.nodes().size();
    return stay.value() != null && !stay.value().isInput() && read && stay.first() <= forwardEnd && stay.last() > forwardEnd;
  }

  private static List<LargeBuffer> buffers(Subject subject) {
    int end = subject.forwardEnd();
    return subject.outline().stays().stream()
        .sorted(Comparator.comparingLong(Stay::bytes).reversed())
        .limit(BUFFERS)
        .map(stay -> buffer(stay, end, subject.outline()))
        .toList();
  }

  private static LargeBuffer buffer(Stay stay, int end, PlanOutline outline) {
    Value value = stay.value();
    if (value == null) {
      return new LargeBuffer(stay.bytes(), "", layer(outline.nodes().get(stay.first())), "scratch", use(stay, end));
    }
    String type = value.type().toString();
    if (value.isInput()) {
      return new LargeBuffer(value.type().bytes(), type, value.name(), "input", "input");
    }
    String use = isKept(stay, end, outline) ? "kept" : use(stay, end);
    Node producer = value.producer();
    return new LargeBuffer(value.type().bytes(), type, layer(producer), producer.op().getClass().getSimpleName(), use);
  }

  private static String use(Stay stay, int forwardEnd) {
    return stay.first() <= forwardEnd ? "forward" : "backward";
  }

  private static String layer(Node node) {
    String name = new LaunchInfo("", node.scope(), 0, 0).layer();
    return name.isEmpty() ? OUTSIDE : name;
  }
}
