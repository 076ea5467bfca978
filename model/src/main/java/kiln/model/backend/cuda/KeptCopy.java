package kiln.model.backend.cuda;

import java.util.List;
import java.util.function.Function;
import kiln.bindings.cuda.DeviceRegion;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Copies constant weights, at the first run, to the layout and type that a library wants, in memory of its own. */
final class KeptCopy implements Launch {
  private final CudaEngine engine;
  private final Launch copy;
  private final Buffer place;
  private DeviceRegion region;

  private KeptCopy(CudaEngine engine, Launch copy, Buffer place) {
    this.engine = engine;
    this.copy = copy;
    this.place = place;
  }

  /**
   * Where the copy of {@code x} will be that launches added to {@code steps} make: at every run, in scratch memory, if x may have
   * changed; else once.
   *
   * @param bytes of the copy
   * @param copy makes the launch that writes to the given place
   */
  static Buffer of(
      CudaEngine engine, Buffer x, long bytes, Function<Buffer, Launch> copy, List<Launch> steps, Scratch scratch) {
    if (!x.isConstant()) {
      Buffer place = scratch.reserve(bytes);
      steps.add(copy.apply(place));
      return place;
    }
    Buffer place = new Buffer(new TensorType(DType.U8, Shape.of(Math.toIntExact(bytes))));
    steps.add(new KeptCopy(engine, copy.apply(place), place));
    return place;
  }

  @Override
  public void run() {
    if (region == null) {
      region = engine.pool().allocate("rearranged weights", place.type().bytes(), engine.stream());
      place.bind(region.memory().segment());
      copy.run();
    }
  }

  @Override
  public long keptBytes() {
    return place.type().bytes();
  }

  @Override
  public String toString() {
    return "once: " + copy;
  }

  @Override
  public void close() {
    copy.close();
    if (region != null) {
      region.close();
    }
  }
}
