package kiln.model.pipeline;

/** Hears how a drawing goes on, and takes the pictures. */
public interface DrawingListener {
  /** Before any network runs. */
  void planned(PlanSizes sizes);

  /**
   * After every step of a sampler.
   *
   * @param done steps of all batches so far
   * @param total steps of all batches
   */
  void stepped(int done, int total);

  /**
   * As soon as a picture is finished.
   *
   * @param place of its subject in the job
   * @param rgb uint8 [height, width, 3]
   */
  void drawn(int place, byte[] rgb);
}
