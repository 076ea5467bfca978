package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import kiln.bindings.Region;
import kiln.collectives.device.TestDevice;
import kiln.collectives.record.FlightRecorder;
import kiln.collectives.record.RecordingCommunicator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients in a device's memory. */
@Timeout(60)
class DeviceBucketsTest {
  private static final long[] BYTES = {400, 40_000, 16, 100_000, 64};
  private static final long[] OFFSETS = {0, 448, 40_448, 40_512, 140_544};
  private static final long TOTAL = 140_608;
  private static final long BUCKET_BYTES = 60_000;

  @TempDir Path folder;

  @BeforeAll
  static void requireDriver() {
    TestDevice.assume(DeviceBucketsTest.class);
  }

  @ParameterizedTest
  @EnumSource
  void shouldAverageGradientsOfADevice(DeviceRanks.Way way) throws Exception {
    DeviceRanks.run(
        way,
        3,
        (c, device) -> {
          try (Region region = device.allocate("gradients", TOTAL);
              GradientBuckets buckets = new GradientBuckets(c, region, OFFSETS, BYTES, BUCKET_BYTES)) {
            for (int step = 0; step < 3; step++) {
              steps(c, device, region, buckets, step);
            }
            assertThat(c, device, buckets);
          }
          return null;
        });
  }

  private static void steps(Communicator c, TestDevice device, Region region, GradientBuckets buckets, int step) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment host = arena.allocate(TOTAL, 64);
      for (int p = BYTES.length - 1; p >= 0; p--) {
        MemorySegment part = host.asSlice(OFFSETS[p], BYTES[p]);
        Elements.fill(part, ElementType.F32, c.rank(), p + step);
        device.write(part, region.slice(OFFSETS[p], BYTES[p]));
        buckets.ready(p);
      }
      buckets.await();
      device.read(region.segment(), host);
      c.check();
      for (int p = 0; p < BYTES.length; p++) {
        MemorySegment part = host.asSlice(OFFSETS[p], BYTES[p]);
        Checks.checkReduced(c, part, ElementType.F32, Reduction.AVERAGE, 0, BYTES[p] / 4, p + step);
      }
      buckets.reset();
    }
  }

  private static void assertThat(Communicator c, TestDevice device, GradientBuckets buckets) {
    device.read(MemorySegment.NULL, MemorySegment.NULL); // waits
    c.barrier();
    BucketStatistics statistics = buckets.statistics();
    assertEquals(3L * buckets.numBuckets(), statistics.numBuckets());
    assertTrue(statistics.communicationNanos() > 0);
  }

  /** Shares of groups of two, and then the averages of the groups. */
  private record Grouped(Communicator group, Communicator replicas, Region gradients) implements BucketReducer {
    private MemorySegment share(BucketLayout.Range bucket) {
      Shard share = Shard.of(bucket.count(), group.rank(), group.size());
      return bucket.slice(gradients.segment()).asSlice(share.offset() * 4, share.count() * 4);
    }

    @Override
    public int numOperations() {
      return 2;
    }

    @Override
    public Collective operation(int number, BucketLayout.Range bucket) {
      MemorySegment all = bucket.slice(gradients.segment());
      MemorySegment mine = share(bucket);
      return number == 0
          ? new Collective.ReduceScatter(all, mine, bucket.count(), ElementType.F32, Reduction.AVERAGE)
          : new Collective.AllReduce(mine, mine, mine.byteSize() / 4, ElementType.F32, Reduction.AVERAGE);
    }

    @Override
    public Communicator communicator(int number) {
      return number == 0 ? group : replicas;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowOneOperationWithTheNext(DeviceRanks.Way way) throws Exception {
    DeviceRanks.run(
        way,
        4,
        (c, device) -> {
          BucketLayout layout = BucketLayout.of(OFFSETS, BYTES, BUCKET_BYTES);
          Path records = folder.resolve(way + "-" + c.rank());
          try (FlightRecorder recorder = FlightRecorder.create(records, c.rank(), c.size(), FlightRecorder.CAPACITY);
              Communicator recorded = RecordingCommunicator.of(c, recorder, "world");
              Communicator group = recorded.split(c.rank() / 2);
              Communicator replicas = recorded.split(c.rank() % 2);
              Region region = device.allocate("gradients", TOTAL);
              Arena arena = Arena.ofShared()) {
            Grouped reducer = new Grouped(group, replicas, region);
            MemorySegment host = arena.allocate(TOTAL, 64);
            for (long i = 0; i < TOTAL / 4; i++) {
              host.setAtIndex(JAVA_FLOAT, i, (i % 1000) * 4 + c.rank());
            }
            device.write(host, region.segment());
            try (GradientBuckets buckets = new GradientBuckets(c, region, layout, reducer)) {
              for (int p = BYTES.length - 1; p >= 0; p--) {
                buckets.ready(p);
              }
              buckets.await();
            }
            for (BucketLayout.Range bucket : layout.buckets()) {
              MemorySegment mine = reducer.share(bucket);
              MemorySegment read = arena.allocate(mine.byteSize(), 64);
              device.read(mine, read);
              long first = (mine.address() - region.segment().address()) / 4;
              for (long i = 0; i < read.byteSize() / 4; i++) {
                assertEquals((first + i) % 1000 * 4 + 1.5f, Elements.getFloat(read, i), "average of 0 to 3 more");
              }
            }
          }
          return null;
        });
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseOperandsOfTwoKinds(DeviceRanks.Way way) throws Exception {
    DeviceRanks.run(
        way,
        1,
        (c, device) -> {
          try (Region region = device.allocate("data", 64);
              Arena arena = Arena.ofShared()) {
            MemorySegment host = arena.allocate(64, 64);
            Elements.fill(host, ElementType.F32, 0, 1);
            device.write(host, region.segment());
            assertThrows(
                IllegalArgumentException.class,
                () -> c.allReduce(host, region.segment(), 16, ElementType.F32, Reduction.SUM));
            c.allReduce(region.segment(), ElementType.F32, Reduction.SUM);
            MemorySegment read = arena.allocate(64, 64);
            device.read(region.segment(), read);
            assertEquals(-1, host.mismatch(read), "the sum of one rank");
          }
          return null;
        });
  }
}
