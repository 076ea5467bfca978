package kiln.data.queue;

/**
 * What a writer keeps to.
 *
 * @param ahead what makes it wait before it writes; null for nothing
 * @param memory bytes that the pictures of samples whose blocks are not full yet may take; the others wait in a file
 */
public record WritingLimits(Ahead ahead, long memory) {
  /** Waits for nobody, and keeps all in memory. */
  static final WritingLimits NONE = new WritingLimits(null, Long.MAX_VALUE);
}
