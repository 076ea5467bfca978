package kiln.collectives.local;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.HostMemory;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.Pending;
import kiln.collectives.ProgressThread;
import org.agrona.BitUtil;

/**
 * Ranks that are processes, or threads, of one machine, joined by one memory-mapped file. The file is gone as soon as all have
 * joined: nothing is left behind however the ranks end.
 */
public final class LocalCommunicator implements Communicator {
  /** What a rank writes between two barriers: small enough for caches, large enough to need few barriers on crowded cores. */
  private static final long SLOT_BYTES = 1 << 20;

  private final Path file;
  private final int rank;
  private final Duration timeout;
  private final LocalSegment segment;
  private final LocalBarrier barrier;
  private final Arena arena = Arena.ofShared();
  private final ProgressThread progress;
  private final Object lifecycle = new Object();
  private boolean closed; // guarded by lifecycle
  private int numSplits;

  private LocalCommunicator(Path file, int rank, Duration timeout, LocalSegment segment) {
    this.file = file;
    this.rank = rank;
    this.timeout = timeout;
    this.segment = segment;
    this.barrier = new LocalBarrier(segment, rank);
    LocalTransport transport = new LocalTransport(segment, barrier, rank, arena);
    this.progress = new ProgressThread("collectives-" + rank, transport::execute);
  }

  /** A name that no other file has, in memory ({@code /dev/shm}) if the system has that, else in the temporary folder. */
  public static Path newFile() {
    return sharedFolder().resolve("kiln-" + ProcessHandle.current().pid() + "-" + UUID.randomUUID());
  }

  private static Path sharedFolder() {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /**
   * Waits for all ranks to join. Rank 0 creates the file; all ranks get its name from whoever starts them.
   *
   * @throws JoinTimeoutException if some do not, naming them
   * @throws kiln.collectives.PeerLostException if one ends while others are still joining
   * @throws kiln.bindings.UserException if the file cannot be created or mapped, or does not fit
   */
  public static LocalCommunicator join(Path file, int rank, int size, Duration timeout) {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank=" + rank + ", size=" + size);
    }
    LocalSegment segment = new LocalRendezvous(file, rank, size, timeout).join(sliceBytes(size));
    return new LocalCommunicator(file, rank, timeout, segment);
  }

  static long sliceBytes(int size) {
    return BitUtil.align(SLOT_BYTES / size, BitUtil.CACHE_LINE_LENGTH);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return segment.numRanks();
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.check(collective, rank, size());
    return progress.start(collective);
  }

  @Override
  public void run(Collective collective) {
    HostMemory.check(collective, rank, size());
    progress.run(collective);
  }

  @Override
  public LocalCommunicator split(int color) {
    int split = numSplits++;
    int groupRank = 0;
    int groupSize = 0;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment colors = call.allocate(JAVA_INT, size());
      colors.setAtIndex(JAVA_INT, rank, color);
      allGather(colors.asSlice((long) rank * Integer.BYTES, Integer.BYTES), colors, size(), ElementType.I32);
      for (int other = 0; other < size(); other++) {
        if (colors.getAtIndex(JAVA_INT, other) == color) {
          groupRank += other < rank ? 1 : 0;
          groupSize++;
        }
      }
    }
    // Not beside this one's file, whose folder may be gone, as the file itself is.
    String name = file.toAbsolutePath().toString().substring(1).replace('/', '-');
    Path groupFile = sharedFolder().resolve(name + "." + split + "." + color);
    return join(groupFile, groupRank, groupSize, timeout);
  }

  @Override
  public void abort(String reason) {
    synchronized (lifecycle) {
      if (!closed) {
        segment.fail(rank, "aborted: " + reason);
      }
    }
  }

  @Override
  public void close() {
    barrier.close();
    progress.close();
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        segment.leave(rank);
        segment.close();
        arena.close();
      }
    }
  }
}
