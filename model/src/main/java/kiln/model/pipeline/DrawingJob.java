package kiln.model.pipeline;

import java.util.List;
import kiln.bindings.UserException;

/**
 * Pictures of one size to draw.
 *
 * @param height in pixels
 * @param width in pixels
 * @param batch most pictures to draw at once; {@link #AUTOMATIC} for as many as {@link #automaticBatch} says
 * @param start the picture that all of them start from; null to start from noise
 */
public record DrawingJob(
    List<Subject> subjects, int height, int width, DrawingSettings settings, int batch, StartImage start) {
  /** As many pictures at once as keep the kernels busy. */
  public static final int AUTOMATIC = 0;

  private static final int MOST = 18;
  private static final int BATCH_PIXELS = 256 * 256;

  public DrawingJob {
    subjects = List.copyOf(subjects);
    if (subjects.isEmpty() || height < 1 || width < 1) {
      throw new IllegalArgumentException("subjects=" + subjects.size() + " height=" + height + " width=" + width);
    }
    if (batch < AUTOMATIC) {
      throw new UserException("option --batch: expected 1 or more, found " + batch);
    }
    if (start != null && start.values().length != 3L * height * width) {
      throw new IllegalArgumentException("a start of " + start.values().length + " values for " + height + "x" + width);
    }
  }

  /** As many pictures as have 256·256 pixels together, at least one and at most 18: more would cost memory and save no time. */
  static int automaticBatch(int height, int width) {
    return Math.clamp(BATCH_PIXELS / ((long) height * width), 1, MOST);
  }

  int automaticBatch() {
    return automaticBatch(height, width);
  }

  int denoisingBatch() {
    return batch == AUTOMATIC ? automaticBatch() : batch;
  }
}
