package kiln.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;

/**
 * All-reduce between processes of this machine, in place, beside a plain copy of as many bytes that all processes do at the
 * same time; rounds of the two take turns, and medians are printed. Bus bandwidth as in nccl-tests: bytes · 2(n-1)/n / time.
 *
 * <p>Arguments: the number of processes, 2 by default.
 */
public final class AllReduceBenchmark {
  private static final int ROUNDS = 9;
  private static final long BYTES_PER_ROUND = 64 << 20;
  private static final long MAX_BYTES = 64 << 20;

  private final Communicator communicator;
  private final MemorySegment data;
  private final MemorySegment copy;

  private AllReduceBenchmark(Communicator communicator, Arena arena) {
    this.communicator = communicator;
    this.data = arena.allocate(MAX_BYTES, 64).fill((byte) 0);
    this.copy = arena.allocate(MAX_BYTES, 64).fill((byte) 1);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 3) {
      measure(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
      return;
    }
    int size = args.length == 0 ? 2 : Integer.parseInt(args[0]);
    Path file = LocalCommunicator.newFile();
    List<Process> others = new ArrayList<>();
    try {
      for (int rank = 1; rank < size; rank++) {
        others.add(startRank(file, rank, size));
      }
      measure(file, 0, size);
      for (Process other : others) {
        other.waitFor();
      }
    } finally {
      others.forEach(Process::destroyForcibly);
    }
  }

  private static Process startRank(Path file, int rank, int size) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), AllReduceBenchmark.class.getName()));
    command.addAll(List.of(file.toString(), Integer.toString(rank), Integer.toString(size)));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static void measure(Path file, int rank, int size) {
    try (Communicator communicator = LocalCommunicator.join(file, rank, size, Duration.ofSeconds(60));
        Arena arena = Arena.ofShared()) {
      AllReduceBenchmark benchmark = new AllReduceBenchmark(communicator, arena);
      if (rank == 0) {
        System.out.printf("transport=local ranks=%d%n", size);
        System.out.printf(
            "%10s %12s %12s %12s %12s %12s%n", "bytes", "f32 us", "f32 GB/s", "bf16 GB/s", "copy GB/s", "f32 bus/copy");
      }
      benchmark.line(8);
      for (long bytes = 64 << 10; bytes <= MAX_BYTES; bytes *= 4) {
        benchmark.line(bytes);
      }
    }
  }

  private void line(long bytes) {
    int times = Math.clamp(BYTES_PER_ROUND / bytes, 1, 2000);
    double[] f32 = new double[ROUNDS];
    double[] bf16 = new double[ROUNDS];
    double[] copied = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      double copySeconds = time(times, () -> MemorySegment.copy(data, 0, copy, 0, bytes));
      double f32Seconds = time(times, () -> allReduce(bytes, ElementType.F32));
      double bf16Seconds = time(times, () -> allReduce(bytes, ElementType.BF16));
      if (round >= 0) {
        copied[round] = copySeconds;
        f32[round] = f32Seconds;
        bf16[round] = bf16Seconds;
      }
    }
    if (communicator.rank() == 0) {
      int n = communicator.size();
      double bus = 2.0 * (n - 1) / n;
      double seconds = median(f32);
      double copySeconds = median(copied);
      System.out.printf(
          "%10d %12.2f %12.2f %12.2f %12.2f %12.2f%n",
          bytes,
          seconds * 1e6,
          bytes / seconds / 1e9,
          bytes / median(bf16) / 1e9,
          bytes / copySeconds / 1e9,
          bus * copySeconds / seconds);
    }
  }

  private void allReduce(long bytes, ElementType type) {
    communicator.allReduce(data, data, bytes / type.bytes(), type, Reduction.SUM);
  }

  /** Seconds of one call, all ranks having begun together. */
  private double time(int times, Runnable call) {
    communicator.barrier();
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      call.run();
    }
    return (System.nanoTime() - start) / 1e9 / times;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
