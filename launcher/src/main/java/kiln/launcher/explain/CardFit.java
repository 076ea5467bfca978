package kiln.launcher.explain;

import java.util.List;
import kiln.launcher.backend.DeviceRoom;

/**
 * Whether something fits a GPU.
 *
 * @param name of the GPU
 * @param bytes all of its memory
 * @param setAside of it, for what a process and the libraries take; an estimate
 * @param plannedWith the backend whose kernels' scratch memory is counted: {@code cuda} only where the GPU is
 * @param largestBatch samples of the largest micro-batch, or of the largest forward pass, that fits; 0 if none does,
 *     {@value LargestBatch#MOST} if that or more does
 */
public record CardFit(String name, long bytes, long setAside, String plannedWith, int largestBatch) {
  /** The largest batch that is looked for. */
  public static final int MOST = LargestBatch.MOST;

  /**
   * Plans with several batches, and runs none.
   *
   * @param preset a preset's or a network's name
   * @param settings values of the preset to replace
   * @param name of the GPU
   * @param bytes all of its memory
   */
  public static CardFit of(String preset, List<String> settings, Shapes shapes, Planner planner, String name, long bytes) {
    long setAside = DeviceRoom.CONTEXT + DeviceRoom.LIBRARIES;
    LargestBatch largest =
        new LargestBatch(
            batch -> memoryBytes(preset, settings, shapes.withBatch(batch), planner), bytes - setAside);
    int start = shapes.batch(Subjects.batch(preset, settings));
    return new CardFit(name, bytes, setAside, planner.name(), largest.find(start));
  }

  private static long memoryBytes(String preset, List<String> settings, Shapes shapes, Planner planner) {
    try {
      return Explanation.memoryBytes(Subjects.of(preset, settings, shapes, planner));
    } catch (ArithmeticException e) {
      return LargestBatch.TOO_LARGE; // than kernels can count
    }
  }
}
