package kiln.launcher.control;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kiln.collectives.record.FlightRecording;
import kiln.collectives.record.RecordedCollective;

/** A flight recorder's file for people. */
public final class RecordingText {
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

  private RecordingText() {}

  /**
   * @param last how many collectives, the newest of those that are recorded
   */
  public static List<String> lines(FlightRecording recording, int last) {
    List<String> lines = new ArrayList<>();
    String created = DAY.format(recording.created().atZone(ZoneId.systemDefault()));
    lines.add(
        "rank %d of %d, process %d, since %s: %d collectives"
            .formatted(recording.rank(), recording.size(), recording.process(), created, recording.count()));
    List<RecordedCollective> all = recording.collectives();
    if (all.isEmpty()) {
      return lines;
    }
    lines.add(
        "  %-12s %9s  %-13s %12s  %-12s  %-15s  %s"
            .formatted("communicator", "sequence", "operation", "bytes", "type", "issued", "then"));
    for (RecordedCollective c : all.subList(Math.max(0, all.size() - last), all.size())) {
      String type = c.type().map(t -> t.name().toLowerCase(Locale.ROOT)).orElse("-");
      String how = c.reduction().map(r -> type + " " + r.name().toLowerCase(Locale.ROOT)).orElse(type);
      lines.add(
          "  %-12s %9s  %-13s %12d  %-12s  %-15s  %s"
              .formatted(c.communicator(), "#" + c.sequence(), c.kind().title(), c.bytes(), how, time(c.issued()), then(c)));
    }
    return lines;
  }

  private static String then(RecordedCollective c) {
    Optional<Instant> ended = c.ended();
    if (ended.isEmpty()) {
      return "has not ended";
    }
    Instant begun = c.begun().orElse(c.issued());
    return "begun after " + millis(c.issued(), begun) + (c.failed() ? ", failed after " : ", ended after ") + millis(begun, ended.get()) + " more";
  }

  private static String time(Instant instant) {
    return TIME.format(instant.atZone(ZoneId.systemDefault()));
  }

  private static String millis(Instant from, Instant to) {
    return String.format(Locale.ROOT, "%.3f ms", Duration.between(from, to).toNanos() / 1e6);
  }
}
