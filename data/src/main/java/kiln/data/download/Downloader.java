package kiln.data.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import kiln.bindings.UserException;
import kiln.data.source.SkipReport;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import kiln.data.url.UrlSource;

/**
 * Downloads the pictures that tables name into a folder that is a Hugging Face imagefolder: {@code images/}, {@code
 * metadata.jsonl}, and {@code downloads.jsonl}, which says of every URL what became of it. What stands there is not asked for
 * again, neither by another row nor by another run, whatever ended this one.
 */
public final class Downloader implements AutoCloseable {
  /** Rows that are looked at ahead of the first unfinished one; enough that one slow host does not keep the others waiting. */
  private static final int WINDOW_PER_CONNECTION = 64;

  private static final Duration TICK = Duration.ofMillis(200);

  private final List<UrlSource> tables;
  private final Path folder;
  private final DownloadOptions options;
  private final boolean strict;
  private final TargetIndex index = new TargetIndex();
  private final DownloadLog log;
  private final PictureStore store;
  private final Requests requests;
  private final Semaphore window;
  private final int windowSize;
  private final DownloadTally tally;

  /** Why the run ends early: a FolderFullException, or whatever keeps it from going on. */
  private final AtomicReference<Throwable> obstacle = new AtomicReference<>();

  /**
   * @param folder new, empty, or of an earlier download
   * @param strict whether a row that cannot be used is an error, instead of being left out and counted
   * @throws UserException if the folder holds something else, cannot be written, or is in use
   */
  public Downloader(List<UrlSource> tables, Path folder, DownloadOptions options, boolean strict) {
    this.tables = List.copyOf(tables);
    this.folder = folder;
    this.options = options;
    this.strict = strict;
    makeFolder(folder);
    log = DownloadLog.open(folder, this::remember);
    try {
      store = new PictureStore(folder, options.limits().totalBytes());
    } catch (UserException e) {
      log.close();
      throw e;
    }
    requests = new Requests(options, store);
    windowSize = WINDOW_PER_CONNECTION * options.crowd().connections();
    window = new Semaphore(windowSize);
    tally = new DownloadTally(tables);
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
      try (var entries = Files.list(folder)) {
        if (!Files.exists(folder.resolve(DownloadLog.NAME)) && entries.findAny().isPresent()) {
          throw new UserException(folder + ": holds files, but no " + DownloadLog.NAME + "; give --out a new folder");
        }
      }
    } catch (IOException e) {
      throw new UserException("option --out: " + folder + ": no folder can be made there (" + e.getMessage() + ")", e);
    }
  }

  private void remember(LogLine line, long place) {
    boolean again = line.ok() ? !PictureStore.holds(folder, line) : options.retries(line.status());
    index.put(line.key(), again ? TargetIndex.NONE : place);
  }

  /**
   * Downloads what is missing, once. However that ends, what is there is kept, and another run goes on from it.
   *
   * @param stop asked several times a second; true ends the run in good order
   * @throws UserException if the disk is full, a table cannot be read, or (strict) a row cannot be used
   */
  public DownloadReport run(DownloadProgress.Listener listener, BooleanSupplier stop) {
    boolean stopped = true;
    try {
      stopped = !(feed(listener, stop) && drain(listener, stop));
    } finally {
      requests.stop();
      store.finish();
    }
    Throwable failed = obstacle.get();
    if (failed != null && !(failed instanceof FolderFullException)) {
      throw failed instanceof UserException user
          ? new UserException(user.getMessage() + "; all that was complete is kept, and the same command goes on from there", user)
          : new IllegalStateException("a download failed", failed);
    }
    listener.progress(tally.progress());
    DownloadReport.Run run = tally.run();
    SkipReport skips = new SkipReport(strict);
    MetadataFile metadata = new MetadataFile(log, index, options.checksumColumns());
    DownloadReport.Tables state = metadata.write(folder, tables, skips);
    String reason = failed != null ? failed.getMessage() : stopped ? "stopped" : null;
    return new DownloadReport(state, run, reason, log.unreadable());
  }

  /** Starts a download for each row that needs one; false if it was stopped. */
  private boolean feed(DownloadProgress.Listener listener, BooleanSupplier stop) {
    SkipReport skips = new SkipReport(strict); // those of the second reading are reported
    for (UrlSource table : tables) {
      try (UrlRows rows = table.open(skips)) {
        while (rows.hasNext()) {
          if (stop.getAsBoolean()) {
            return false;
          }
          UrlRow row = rows.next();
          Target target = Target.of(row, MetadataFile.extra(row), options.checksumColumns());
          byte[] key = target.key();
          if (index.get(key) != TargetIndex.NONE) {
            tally.known();
          } else {
            index.put(key, TargetIndex.UNDER_WAY);
            if (!await(1, listener, stop)) {
              index.put(key, TargetIndex.NONE);
              return false;
            }
            tally.fed();
            start(new Work(target, key));
          }
          tally.tell(listener, TICK);
        }
      }
    }
    tally.all();
    return true;
  }

  /** Waits for all downloads; false if it was stopped. */
  private boolean drain(DownloadProgress.Listener listener, BooleanSupplier stop) {
    return await(windowSize, listener, stop);
  }

  private boolean await(int places, DownloadProgress.Listener listener, BooleanSupplier stop) {
    try {
      while (obstacle.get() == null && !stop.getAsBoolean()) {
        if (window.tryAcquire(places, TICK.toMillis(), TimeUnit.MILLISECONDS)) {
          return obstacle.get() == null;
        }
        tally.tell(listener, TICK);
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void start(Work work) {
    requests
        .download(work)
        .thenAccept(response -> finish(work, response))
        .whenComplete(
            (_, error) -> {
              if (error != null) {
                obstacle.compareAndSet(null, error instanceof CompletionException e ? e.getCause() : error);
              }
              window.release();
            });
  }

  private void finish(Work work, Response response) {
    LogLine line =
        switch (response) {
          case Response.Stored stored -> work.line(stored);
          case Response.Failed failed -> work.line(failed.failure());
          case Response.Redirected _ -> throw new IllegalStateException("a redirection is no end");
        };
    if (line.ok() || !requests.stopped()) { // Else it was cut off, and is no failure of its own.
      index.put(work.key(), log.append(line));
      tally.finished(line);
    }
  }

  @Override
  public void close() {
    requests.close();
    log.close();
  }
}
