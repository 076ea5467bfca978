package kiln.model.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps what a pipeline draws, and what it tells. */
final class Drawn implements DrawingListener {
  final List<Integer> steps = new ArrayList<>();
  private final Map<Integer, byte[]> pictures = new TreeMap<>();
  PlanSizes planned;
  int totalSteps;

  /** The pictures of a job, in its order. */
  static List<byte[]> by(LatentDiffusionPipeline pipeline, DrawingJob job) {
    Drawn drawn = new Drawn();
    pipeline.draw(job, drawn);
    return drawn.pictures();
  }

  /** Mean difference of two pictures' bytes, 0 to 255. */
  static double difference(byte[] a, byte[] b) {
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
    }
    return (double) sum / a.length;
  }

  List<byte[]> pictures() {
    return List.copyOf(pictures.values());
  }

  @Override
  public void planned(PlanSizes sizes) {
    planned = sizes;
  }

  @Override
  public void stepped(int done, int total) {
    steps.add(done);
    totalSteps = total;
  }

  @Override
  public void drawn(int place, byte[] rgb) {
    pictures.put(place, rgb);
  }
}
