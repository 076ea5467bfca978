package kiln.data.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a split: one Chronicle Queue in a folder of its own. Every writer begins a new one when it is started again, because
 * the last record of the old one may be torn.
 *
 * @param writer which of the writers has made it, from 0 on
 * @param run how many it had begun before
 */
record Part(int writer, int run) {
  private static final Pattern NAME = Pattern.compile("writer-(\\d{1,6})-part-(\\d{1,6})");

  String folder() {
    return "writer-" + writer + "-part-" + run;
  }

  /** The queue's file of documents, in a split's folder. */
  Path file(Path split) {
    return split.resolve(folder()).resolve(Queues.FILE);
  }

  static Optional<Part> of(String folder) {
    Matcher matcher = NAME.matcher(folder);
    return matcher.matches()
        ? Optional.of(new Part(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** Those that lie in a split's folder, by writer and run; none if it is not there. */
  static List<Part> in(Path split) throws IOException {
    if (!Files.isDirectory(split)) {
      return List.of();
    }
    List<Part> parts = new ArrayList<>();
    try (var entries = Files.list(split)) {
      entries.forEach(entry -> of(entry.getFileName().toString()).ifPresent(parts::add));
    }
    parts.sort(Comparator.comparingInt(Part::writer).thenComparingInt(Part::run));
    return parts;
  }
}
