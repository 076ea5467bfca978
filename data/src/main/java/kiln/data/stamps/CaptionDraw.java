package kiln.data.stamps;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Chooses captions of a stamp at random, each at most once. */
final class CaptionDraw {
  private CaptionDraw() {}

  private record Ticket(Stamp.Caption caption, double key) {}

  /** Captions in training languages, likelier the greater their language's weight. */
  static List<Stamp.Caption> training(Stamp stamp, StampsOptions options, SplittableRandom random) {
    List<Stamp.Caption> candidates =
        stamp.captions().stream()
            .filter(caption -> !options.isHeldOut(caption.language()) && options.weight(caption.language()) > 0)
            .toList();
    return draw(candidates, options, options.captionsPerImage(), random);
  }

  /**
   * Captions in held-out languages. Some captions are the same in several languages; one that a training language shares is not
   * held out in truth, and left out.
   */
  static List<Stamp.Caption> validation(Stamp stamp, StampsOptions options, SplittableRandom random) {
    Set<String> known = new HashSet<>();
    for (Stamp.Caption caption : stamp.captions()) {
      if (!options.isHeldOut(caption.language())) {
        known.add(caption.text());
      }
    }
    List<Stamp.Caption> candidates =
        stamp.captions().stream()
            .filter(caption -> options.isHeldOut(caption.language()) && options.weight(caption.language()) > 0)
            .filter(caption -> !known.contains(caption.text()))
            .toList();
    return draw(candidates, options, options.validationPerImage(), random);
  }

  /** Weighted, without replacement (Efraimidis and Spirakis 2006): the greatest of u^(1/w). */
  private static List<Stamp.Caption> draw(
      List<Stamp.Caption> candidates, StampsOptions options, int count, SplittableRandom random) {
    List<Ticket> tickets = new ArrayList<>();
    for (Stamp.Caption caption : candidates) {
      double key = Math.log(1 - random.nextDouble()) / options.weight(caption.language());
      tickets.add(new Ticket(caption, key));
    }
    tickets.sort(Comparator.comparingDouble(Ticket::key).reversed());
    return tickets.stream().limit(count).map(Ticket::caption).toList();
  }
}
