package kiln.launcher.control;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kiln.collectives.record.FlightRecorder;
import kiln.collectives.record.FlightRecording;
import kiln.collectives.record.LaneState;

/** Looks every second, on the control plane's thread, whether a collective of this rank is late. */
final class Watchdog {
  private static final long LOOK_MILLIS = 1000;

  /** Collectives that a rank shows at once; its files have more. */
  private static final int SHOWN = 4;

  private final ControlClient client;
  private final FlightRecorder recorder;
  private final Path folder;
  private final int rank;
  private final Duration timeout;
  private final Consumer<String> news;
  private final AtomicBoolean telling = new AtomicBoolean();

  Watchdog(
      EventLoop loop,
      ControlClient client,
      FlightRecorder recorder,
      Path folder,
      int rank,
      Duration timeout,
      Consumer<String> news) {
    this.client = client;
    this.recorder = recorder;
    this.folder = folder;
    this.rank = rank;
    this.timeout = timeout;
    this.news = news;
    long look = Math.min(LOOK_MILLIS, Math.max(1, timeout.toMillis() / 4));
    loop.scheduleAtFixedRate(this::look, look, look, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (recorder.longestUnderWay().map(lane -> lane.waitingNanos() >= timeout.toNanos()).orElse(false)) {
      client.send(new ControlMessage.Late()); // again and again: what rank 0 has begun it does not begin twice
    }
  }

  /**
   * Writes down what is recorded, beside the control plane's thread, and then says where this rank stands. Who asks again
   * meanwhile gets no second answer.
   */
  void tell(Consumer<List<LaneState>> answer) {
    if (!telling.compareAndSet(false, true)) {
      return;
    }
    List<LaneState> states = recorder.states();
    Thread.ofPlatform()
        .daemon()
        .name("recorder-dump")
        .start(
            () -> {
              try {
                dump();
              } finally {
                telling.set(false);
                answer.accept(states);
              }
            });
  }

  private void dump() {
    FlightRecording recording = FlightRecording.read(RecorderFiles.ring(folder, rank));
    RecordingText.lines(recording, SHOWN).forEach(news);
    Path text = RecorderFiles.text(folder, rank);
    Path aside = text.resolveSibling(text.getFileName() + ".tmp");
    try {
      Files.write(aside, RecordingText.lines(recording, FlightRecorder.CAPACITY));
      Files.move(aside, text, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
