package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import kiln.launcher.checkpoint.RunFolder;

/**
 * Sees from outside, by the folder, when a run saves: a checkpoint is being written from when its folder appears until it has a
 * manifest. Looks every two milliseconds.
 */
final class SaveWatch implements AutoCloseable {
  /**
   * A checkpoint that was written.
   *
   * @param began when its folder was first seen, as {@link System#nanoTime()}
   * @param ended when it was first seen valid; 0 if it was not
   */
  record Save(String folder, long began, long ended) {
    double seconds() {
      return (ended - began) * 1e-9;
    }
  }

  private final Path folder;
  private final Map<String, Save> saves = new LinkedHashMap<>();
  private final Set<String> old; // left incomplete by an earlier process
  private final Set<String> valid = new HashSet<>();
  private final Thread thread;
  private int mostAtOnce;
  private volatile boolean closed;

  private SaveWatch(Path folder) {
    this.folder = folder;
    this.old = new HashSet<>(list());
    this.thread = Thread.ofPlatform().daemon().name("save-watch").start(this::watch);
  }

  /** Watches the checkpoints of a run, which need not be there yet. */
  static SaveWatch of(Path run) {
    return new SaveWatch(run.resolve("checkpoints"));
  }

  private boolean isValid(String name) {
    return RunFolder.isComplete(folder.resolve(name));
  }

  private List<String> list() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(e -> RunFolder.step(e) >= 0).map(e -> e.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      return List.of(); // it was deleted meanwhile
    }
  }

  private void watch() {
    while (!closed) {
      look();
      Pause.millis(2);
    }
  }

  private synchronized void look() {
    List<String> names = list();
    old.retainAll(names);
    int writing = 0;
    for (String name : names) {
      if (isValid(name)) {
        if (valid.add(name) && saves.containsKey(name)) {
          saves.computeIfPresent(name, (_, save) -> new Save(name, save.began(), System.nanoTime()));
        }
      } else if (!valid.contains(name) && !old.contains(name)) { // those that were valid are being deleted
        saves.computeIfAbsent(name, _ -> new Save(name, System.nanoTime(), 0));
        writing++;
      }
    }
    mostAtOnce = Math.max(mostAtOnce, writing);
  }

  /** All that have begun since this watches. */
  synchronized List<Save> saves() {
    return new ArrayList<>(saves.values());
  }

  /** How many were being written at the same instant, at most. */
  synchronized int mostAtOnce() {
    return mostAtOnce;
  }

  /** How long one takes, by those that have been seen; 0.1 s before there are any. */
  synchronized double typicalSeconds() {
    return saves.values().stream().filter(save -> save.ended() != 0).mapToDouble(Save::seconds).average().orElse(0.1);
  }

  /** Whether a checkpoint is being written at this instant. */
  synchronized boolean isSaving() {
    look();
    return saves.values().stream().anyMatch(save -> save.ended() == 0);
  }

  /** Whether the {@code number}th save, from 1, has begun. */
  boolean hasBegun(int number) {
    return saves().size() >= number;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
