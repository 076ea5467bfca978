package kiln.model.pipeline;

import kiln.bindings.UserException;

/**
 * Pictures of one size to draw without a text.
 *
 * @param count number of pictures; picture {@code i} has the noise of number {@code i}, however many there are
 * @param label the class that all of them show; null without classes
 * @param height in pixels
 * @param width in pixels
 * @param settings guidance is not read: there is nothing to be guided by
 * @param batch most pictures to draw at once; {@link DrawingJob#AUTOMATIC} for as many as are worth it
 */
public record PixelJob(int count, Integer label, int height, int width, DrawingSettings settings, int batch) {
  public PixelJob {
    if (count < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException("count=" + count + " height=" + height + " width=" + width);
    }
    if (batch < DrawingJob.AUTOMATIC) {
      throw new UserException("option --batch: expected 1 or more, found " + batch);
    }
  }

  int largestBatch() {
    return batch == DrawingJob.AUTOMATIC ? DrawingJob.automaticBatch(height, width) : batch;
  }
}
