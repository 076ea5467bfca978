package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kiln.bindings.Region;

/** What every rank does in a test of the contract; a rank that finds something wrong throws. */
enum Scenario {
  ALL_REDUCE(
      c -> {
        for (ElementType type : ElementType.values()) {
          for (Reduction reduction : Reduction.values()) {
            for (long count : new long[] {0, 1, 2, 3, 5, 64, 1000, 4097}) {
              Checks.allReduce(c, type, reduction, count, true);
              Checks.allReduce(c, type, reduction, count, false);
            }
          }
        }
      }),
  LARGE_ALL_REDUCE(
      c -> {
        Checks.allReduce(c, ElementType.F32, Reduction.AVERAGE, 1_234_567, true);
        Checks.allReduce(c, ElementType.BF16, Reduction.SUM, 777_777, false);
      }),
  REDUCE_SCATTER(
      c -> {
        for (ElementType type : ElementType.values()) {
          for (Reduction reduction : Reduction.values()) {
            for (long count : new long[] {0, 1, 2, 3, 5, 64, 1001}) {
              Checks.reduceScatter(c, type, reduction, count, true);
              Checks.reduceScatter(c, type, reduction, count, false);
            }
          }
        }
        Checks.reduceScatter(c, ElementType.F32, Reduction.SUM, 300_001, true);
        Checks.reduceScatter(c, ElementType.I64, Reduction.MAX, 300_001, false);
      }),
  ALL_GATHER(
      c -> {
        for (ElementType type : ElementType.values()) {
          for (long count : new long[] {0, 1, 2, 3, 5, 64, 1001, 300_001}) {
            Checks.allGather(c, type, count, true);
            Checks.allGather(c, type, count, false);
          }
        }
      }),
  BROADCAST(
      c -> {
        for (ElementType type : ElementType.values()) {
          for (long count : new long[] {0, 1, 5, 1001, 300_001}) {
            for (int root = 0; root < c.size(); root++) {
              Checks.broadcast(c, type, count, root);
            }
          }
        }
      }),
  BARRIER(
      c -> {
        c.barrier();
        for (int late = 0; late < c.size(); late++) {
          long start = System.nanoTime();
          if (c.rank() == late) {
            Checks.sleep(30);
          }
          c.barrier();
          assertTrue(System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(20), "rank " + late + " was not waited for");
          c.barrier();
        }
      }),
  NOT_A_NUMBER(
      c -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment data = arena.allocate(JAVA_FLOAT, 8);
          for (Reduction reduction : Reduction.values()) {
            for (int i = 0; i < 8; i++) {
              data.setAtIndex(JAVA_FLOAT, i, i % c.size() == c.rank() ? Float.NaN : 1);
            }
            c.allReduce(data, ElementType.F32, reduction);
            for (int i = 0; i < 8; i++) {
              assertTrue(Float.isNaN(data.getAtIndex(JAVA_FLOAT, i)), reduction + " lost a NaN");
            }
          }
        }
      }),
  OUTSTANDING(
      c -> {
        try (Arena arena = Arena.ofShared()) {
          List<Pending> pending = new ArrayList<>();
          List<MemorySegment> data = new ArrayList<>();
          for (int i = 0; i < 12; i++) {
            MemorySegment segment = arena.allocate(JAVA_FLOAT, 1 + i * 9001L);
            Elements.fill(segment, ElementType.F32, c.rank(), i);
            data.add(segment);
            pending.add(c.allReduceAsync(segment, ElementType.F32, Reduction.SUM));
          }
          pending.add(c.barrierAsync());
          Checks.allReduce(c, ElementType.I32, Reduction.MIN, 100, true);
          for (int i = pending.size() - 1; i >= 0; i--) {
            pending.get(i).await();
            assertTrue(pending.get(i).isDone(), "awaited but not done");
            assertTrue(pending.get(i).nanos() > 0, "took no time");
          }
          for (int i = 0; i < data.size(); i++) {
            Checks.checkReduced(c, data.get(i), ElementType.F32, Reduction.SUM, 0, 1 + i * 9001L, i);
          }
        }
      }),
  /** Kinds and sizes mixed at random, the same on all ranks: what one operation leaves in flight must not disturb the next. */
  MIXED(
      c -> {
        Random random = new Random(42);
        for (int i = 0; i < 150; i++) {
          ElementType type = ElementType.values()[random.nextInt(4)];
          Reduction reduction = Reduction.values()[random.nextInt(4)];
          long count = random.nextInt(random.nextInt(10) == 0 ? 400_000 : 3000);
          boolean inPlace = random.nextBoolean();
          int root = random.nextInt(c.size());
          switch (random.nextInt(5)) {
            case 0 -> Checks.reduceScatter(c, type, reduction, count, inPlace);
            case 1 -> Checks.allGather(c, type, count, inPlace);
            case 2 -> Checks.broadcast(c, type, count, root);
            default -> Checks.allReduce(c, type, reduction, count, inPlace);
          }
        }
      }),
  /** A rank that waits leaves its core to those that compute. */
  PATIENCE(
      c -> {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        c.barrier();
        long start = threads.getCurrentThreadCpuTime();
        if (c.rank() == c.size() - 1) {
          Checks.sleep(500);
        }
        c.barrier();
        long used = threads.getCurrentThreadCpuTime() - start;
        assertTrue(used < TimeUnit.MILLISECONDS.toNanos(125), "waiting 500 ms took " + used + " ns of a core");
      }),
  SEVERAL_COMMUNICATORS(
      c -> {
        try (Communicator other = c.split(0);
            Communicator half = c.split(c.rank() % 2);
            Arena arena = Arena.ofShared()) {
          assertEquals(c.rank(), other.rank());
          assertEquals(c.size(), other.size());
          assertEquals(c.rank() / 2, half.rank());
          assertEquals((c.size() + 1 - c.rank() % 2) / 2, half.size());
          MemorySegment a = arena.allocate(JAVA_INT, 100_001);
          MemorySegment b = arena.allocate(JAVA_INT, 100_001);
          for (int i = 0; i < 3; i++) {
            Elements.fill(a, ElementType.I32, c.rank(), i);
            Elements.fill(b, ElementType.I32, half.rank(), 5 + i);
            Pending whole = c.allReduceAsync(a, ElementType.I32, Reduction.SUM);
            Pending part = half.allReduceAsync(b, ElementType.I32, Reduction.MAX);
            other.barrier();
            part.await();
            whole.await();
            Checks.checkReduced(c, a, ElementType.I32, Reduction.SUM, 0, 100_001, i);
            Checks.checkReduced(half, b, ElementType.I32, Reduction.MAX, 0, 100_001, 5 + i);
          }
        }
      }),
  REFUSED_ARGUMENTS(
      c -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment data = arena.allocate(64, 64);
          MemorySegment heap = MemorySegment.ofArray(new float[16]);
          Checks.refuse(() -> c.allReduce(heap, ElementType.F32, Reduction.SUM));
          Checks.refuse(() -> c.allReduce(data, data, 17, ElementType.F32, Reduction.SUM));
          Checks.refuse(() -> c.allReduce(data, data, -1, ElementType.F32, Reduction.SUM));
          Checks.refuse(() -> c.allReduce(data, data.asSlice(4), 8, ElementType.F32, Reduction.SUM));
          Checks.refuse(() -> c.allReduce(data.asSlice(2, 4), ElementType.F32, Reduction.SUM));
          Checks.refuse(() -> c.broadcast(data, 1, ElementType.F32, c.size()));
          Checks.refuse(() -> c.allGather(data.asSlice(0, 0), data, 16, ElementType.F32));
        }
        c.barrier();
      }),
  MISMATCH(
      c -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment data = arena.allocate(64, 64);
          boolean last = c.rank() == c.size() - 1;
          Checks.mismatch(
              c,
              "allReduce(F32, count=16, SUM)",
              "allReduce(F32, count=15, SUM)",
              x -> x.allReduce(data, data, last ? 15 : 16, ElementType.F32, Reduction.SUM));
          Checks.mismatch(
              c,
              "allReduce(F32, count=16, SUM)",
              "allReduce(I32, count=16, SUM)",
              x -> x.allReduce(data, last ? ElementType.I32 : ElementType.F32, Reduction.SUM));
          Checks.mismatch(
              c,
              "allReduce(F32, count=16, MAX)",
              "allReduce(F32, count=16, MIN)",
              x -> x.allReduce(data, ElementType.F32, last ? Reduction.MIN : Reduction.MAX));
          Checks.mismatch(
              c,
              "broadcast(I64, count=8, root=0)",
              "broadcast(I64, count=8, root=1)",
              x -> x.broadcast(data, 8, ElementType.I64, last ? 1 : 0));
          Checks.mismatch(
              c,
              "barrier()",
              "allGather(BF16, count=1)",
              x -> {
                if (last) {
                  x.allGather(data, data.asSlice(32), 1, ElementType.BF16);
                } else {
                  x.barrier();
                }
              });
        }
      }),
  /** The last rank leaves, or aborts, while the others wait for it. */
  LEFT_ALONE(
      c -> {
        int last = c.size() - 1;
        try (Communicator other = c.split(0)) {
          other.barrier();
          if (c.rank() == last) {
            Checks.sleep(100);
          } else {
            PeerLostException lost = assertThrows(PeerLostException.class, other::barrier);
            assertEquals(last, lost.rank());
            assertTrue(lost.getMessage().contains("closed"), lost.getMessage());
            assertThrows(PeerLostException.class, other::barrier);
          }
        }
        try (Communicator other = c.split(0);
            Arena arena = Arena.ofShared()) {
          MemorySegment data = arena.allocate(JAVA_LONG, 10);
          if (c.rank() == last) {
            Checks.sleep(100);
            other.abort("out of cheese");
            assertThrows(PeerLostException.class, other::barrier);
          } else {
            other.barrierAsync();
            Pending pending = other.allReduceAsync(data, ElementType.I64, Reduction.SUM);
            PeerLostException lost = assertThrows(PeerLostException.class, pending::await);
            assertEquals(last, lost.rank());
            assertEquals("allReduce", lost.operation());
            assertEquals(1, lost.sequence());
            assertEquals(80, lost.bytes());
            assertTrue(lost.getMessage().contains("out of cheese"), lost.getMessage());
          }
          c.barrier();
        }
      }),
  /** Operations without end, until another rank is gone. */
  FOREVER(
      c -> {
        try (Arena arena = Arena.ofShared()) {
          MemorySegment data = arena.allocate(JAVA_FLOAT, 200_000);
          c.barrier();
          System.out.println("running");
          while (true) {
            c.allReduce(data, ElementType.F32, Reduction.SUM);
          }
        }
      }),
  GRADIENT_BUCKETS(
      c -> {
        long[] bytes = {40, 400_000, 4, 1_000_000, 64, 0, 80_000, 12};
        long[] offsets = new long[bytes.length];
        long total = 0;
        for (int i = 0; i < bytes.length; i++) {
          offsets[i] = total;
          total += (bytes[i] + 63) / 64 * 64;
        }
        try (Region region = Region.allocate("gradients", total);
            GradientBuckets buckets = new GradientBuckets(c, region, offsets, bytes, 500_000)) {
          for (int step = 0; step < 3; step++) {
            for (int i = bytes.length - 1; i >= 0; i--) {
              // In some other order on every rank, but for the first and the last.
              int p = step == 0 ? i : (i + c.rank()) % bytes.length;
              Elements.fill(region.slice(offsets[p], bytes[p]), ElementType.F32, c.rank(), p + step);
              buckets.ready(p);
            }
            buckets.await();
            for (int p = 0; p < bytes.length; p++) {
              MemorySegment slice = region.slice(offsets[p], bytes[p]);
              Checks.checkReduced(c, slice, ElementType.F32, Reduction.AVERAGE, 0, bytes[p] / 4, p + step);
            }
            buckets.reset();
          }
          assertEquals(3L * buckets.numBuckets(), buckets.statistics().numBuckets());
        }
      });

  private final Consumer<Communicator> program;

  Scenario(Consumer<Communicator> program) {
    this.program = program;
  }

  void run(Communicator communicator) {
    program.accept(communicator);
  }
}
