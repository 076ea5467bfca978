package kiln.model.backend.cpu;

import java.util.List;
import java.util.function.Function;
import kiln.bindings.MappedPages;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Copies constant weights, at the first run, to the layout and type that a kernel wants, in memory of its own. Where the weights
 * are pages of a file, these are given back, since nobody reads them again.
 */
final class PackOnce implements Launch {
  private final Launch copy;
  private final Buffer from;
  private final Buffer to;
  private Region region;

  private PackOnce(Launch copy, Buffer from, Buffer to) {
    this.copy = copy;
    this.from = from;
    this.to = to;
  }

  /**
   * Where the copy of {@code weight} will be that launches added to {@code steps} make: at every run, in scratch memory, if the
   * weight may have changed; else once.
   *
   * @param bytes of the copy
   * @param copy makes the launch that writes to the given place
   */
  static Buffer pack(Buffer weight, long bytes, Function<Buffer, Launch> copy, List<Launch> steps, Scratch scratch) {
    if (!weight.isConstant()) {
      Buffer place = scratch.reserve(bytes);
      steps.add(copy.apply(place));
      return place;
    }
    Buffer place = new Buffer(new TensorType(DType.U8, Shape.of(Math.toIntExact(bytes))));
    steps.add(new PackOnce(copy.apply(place), weight, place));
    return place;
  }

  @Override
  public void run() {
    if (region == null) {
      region = Region.allocate("packed weights", to.type().bytes());
      to.bind(region.segment());
      copy.run();
      MappedPages.release(from.segment());
    }
  }

  @Override
  public long keptBytes() {
    return to.type().bytes();
  }

  @Override
  public void close() {
    copy.close();
    if (region != null) {
      region.close();
    }
  }
}
