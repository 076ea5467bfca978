package kiln.collectives.local;

import static kiln.collectives.local.LocalSegmentDescriptor.STATE_ABSENT;
import static kiln.collectives.local.LocalSegmentDescriptor.STATE_JOINED;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.PeerLostException;

/**
 * How ranks find each other: rank 0 creates the file under its name, the others wait for it, each takes its place, and when all
 * places are taken rank 0 removes the name. A file that a dead process left behind is not joined, and rank 0 replaces it.
 */
final class LocalRendezvous {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int LOOKS_PER_LIVENESS = 100;

  private final Path file;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final long deadline;

  LocalRendezvous(Path file, int rank, int size, Duration timeout) {
    this.file = file;
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  /**
   * @return the segment, which all ranks have mapped
   * @throws JoinTimeoutException if they have not in time
   */
  LocalSegment join(long sliceBytes) {
    LocalSegment segment = rank == 0 ? LocalSegment.create(file, size, sliceBytes) : find(sliceBytes);
    boolean joined = false;
    boolean claimed = false;
    try {
      claimed = segment.claim(rank);
      if (!claimed) {
        throw new UserException(
            "%s: rank %d is taken by process %d".formatted(file, rank, segment.identity(rank).pid()));
      }
      awaitAll(segment);
      joined = true;
      return segment;
    } finally {
      if (rank == 0) {
        remove();
      }
      if (!joined) {
        if (claimed) {
          segment.leave(rank);
        }
        segment.close();
      }
    }
  }

  private LocalSegment find(long sliceBytes) {
    while (true) {
      Optional<LocalSegment> segment = LocalSegment.open(file, size, sliceBytes);
      if (segment.isPresent()) {
        return segment.get();
      }
      pause(List.of(0));
    }
  }

  private void awaitAll(LocalSegment segment) {
    for (int look = 1; ; look++) {
      List<Integer> missing = IntStream.range(0, size).filter(r -> segment.state(r) == STATE_ABSENT).boxed().toList();
      if (missing.isEmpty()) {
        return;
      }
      if (look % LOOKS_PER_LIVENESS == 0) {
        checkAlive(segment);
      }
      if (segment.lostRank() >= 0) {
        throw new PeerLostException(segment.lostRank(), segment.lostReason(), "join", 0, 0);
      }
      pause(missing);
    }
  }

  private void checkAlive(LocalSegment segment) {
    for (int other = 0; other < size; other++) {
      if (segment.state(other) == STATE_JOINED && !segment.identity(other).isAlive()) {
        segment.fail(other, "process " + segment.identity(other).pid() + " has ended");
      }
    }
  }

  private void pause(List<Integer> missing) {
    if (System.nanoTime() - deadline > 0) {
      throw new JoinTimeoutException(rank, size, missing, timeout);
    }
    LockSupport.parkNanos(LOOK_NANOS);
  }

  private void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
