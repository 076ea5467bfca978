package kiln.model.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Pictures that are denoised together.
 *
 * @param places of its pictures in the job
 * @param captionLength of all of them
 */
record Batch(List<Integer> places, int captionLength) {
  /**
   * The batches of a job: pictures with captions of other lengths are drawn apart, so that none is padded because of another,
   * and batches of one length differ by at most one picture, the larger ones first.
   */
  static List<Batch> of(DrawingJob job) {
    boolean guided = job.settings().guided();
    Map<Integer, List<Integer>> byLength = new TreeMap<>();
    for (int i = 0; i < job.subjects().size(); i++) {
      int length = job.subjects().get(i).captionLength(guided);
      byLength.computeIfAbsent(length, l -> new ArrayList<>()).add(i);
    }
    List<Batch> batches = new ArrayList<>();
    byLength.forEach((length, places) ->
        even(places, job.denoisingBatch()).forEach(part -> batches.add(new Batch(part, length))));
    return batches;
  }

  /** All pictures of a job, for a phase that does not know captions. */
  static List<List<Integer>> ofDecoding(DrawingJob job) {
    return even(IntStream.range(0, job.subjects().size()).boxed().toList(), job.automaticBatch());
  }

  /** Parts of at most {@code most} places that differ by at most one, the larger ones first. */
  static List<List<Integer>> even(List<Integer> places, int most) {
    int parts = Math.ceilDiv(places.size(), most);
    List<List<Integer>> even = new ArrayList<>();
    int from = 0;
    for (int part = 0; part < parts; part++) {
      int to = from + places.size() / parts + (part < places.size() % parts ? 1 : 0);
      even.add(places.subList(from, to));
      from = to;
    }
    return even;
  }
}
