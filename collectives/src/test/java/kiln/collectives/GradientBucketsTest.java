package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Region;
import org.junit.jupiter.api.Test;

class GradientBucketsTest {
  private static final long[] OFFSETS = {0, 64, 128};
  private static final long[] BYTES = {64, 64, 64};

  /** Remembers what was started; operations end when the test says so. */
  private static final class RecordingCommunicator implements Communicator {
    private final List<Collective> started = new ArrayList<>();
    private RuntimeException failure;

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public Pending start(Collective collective) {
      started.add(collective);
      return new Pending() {
        @Override
        public void await() {
          if (failure != null) {
            throw failure;
          }
        }

        @Override
        public boolean isDone() {
          return true;
        }

        @Override
        public long nanos() {
          return 1_000_000_000;
        }

        @Override
        public long started() {
          return 5;
        }
      };
    }

    @Override
    public Communicator split(int color) {
      return this;
    }

    @Override
    public void abort(String reason) {}

    @Override
    public void close() {}

    List<Long> addresses(Region region) {
      return started.stream()
          .filter(c -> c instanceof Collective.AllReduce)
          .map(c -> ((Collective.AllReduce) c).input().address() - region.segment().address())
          .toList();
    }
  }

  private final RecordingCommunicator communicator = new RecordingCommunicator();

  @Test
  void shouldTellAListenerWhenBucketsWereReduced() {
    try (Region region = Region.allocate("gradients", 8 * Float.BYTES);
        GradientBuckets buckets = new GradientBuckets(communicator, region, new long[] {0, 16}, new long[] {16, 16}, 16)) {
      List<String> heard = new ArrayList<>();
      buckets.listen((bucket, bytes, start, end) -> heard.add(bucket + " " + bytes + " " + start + " " + end));
      for (int step = 0; step < 2; step++) {
        buckets.ready(1);
        buckets.ready(0);
        buckets.await();
        buckets.reset();
        buckets.listen(null);
      }
      assertEquals(List.of("0 16 5 1000000005", "1 16 5 1000000005"), heard);
    }
  }

  @Test
  void shouldStartBucketsInOneOrderWhateverBecomesReadyFirst() {
    try (Region region = Region.allocate("gradients", 192);
        GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 64)) {
      buckets.ready(0);
      buckets.ready(1);
      assertEquals(List.of(), communicator.started);
      buckets.ready(2);
      assertEquals(List.of(128L, 64L, 0L), communicator.addresses(region));
      buckets.await();
    }
  }

  @Test
  void shouldStartBucketsAsGradientsBecomeFinalFromTheSecondStepOn() {
    try (Region region = Region.allocate("gradients", 192);
        GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 128)) {
      for (int step = 0; step < 2; step++) {
        communicator.started.clear();
        buckets.ready(0);
        assertEquals(step == 0 ? List.of() : List.of(0L), communicator.addresses(region));
        buckets.ready(2);
        buckets.ready(1);
        assertEquals(step == 0 ? List.of(64L, 0L) : List.of(0L, 64L), communicator.addresses(region));
        buckets.await();
        buckets.reset();
      }
      BucketStatistics statistics = buckets.statistics();
      assertEquals(4, statistics.numBuckets());
      assertEquals(384, statistics.bytes());
      assertEquals(4_000_000_000L, statistics.communicationNanos());
      assertTrue(statistics.hiddenShare() > 0.9, statistics.toString());
    }
  }

  @Test
  void shouldStartNothingBeforeItIsWaitedForIfNothingIsToOverlap() {
    try (Region region = Region.allocate("gradients", 192);
        GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 64)) {
      buckets.overlap(false);
      for (int step = 0; step < 2; step++) {
        communicator.started.clear();
        buckets.ready(1);
        buckets.ready(2);
        buckets.ready(0);
        assertEquals(List.of(), communicator.started);
        buckets.await();
        assertEquals(step == 0 ? List.of(128L, 64L, 0L) : List.of(64L, 128L, 0L), communicator.addresses(region));
        buckets.reset();
      }
    }
  }

  @Test
  void shouldKeepTheRegionOpenWhileABucketIsUnderWay() {
    try (Region region = Region.allocate("gradients", 192)) {
      try (GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 64)) {
        buckets.ready(2);
        assertThrows(IllegalStateException.class, region::close);
        assertThrows(IllegalStateException.class, buckets::reset);
      }
      assertTrue(region.segment().scope().isAlive());
    }
  }

  @Test
  void shouldLetGoOfTheRegionAfterAFailure() {
    communicator.failure = new CollectiveException("lost");
    Region region = Region.allocate("gradients", 192);
    try (region;
        GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 64)) {
      buckets.ready(2);
      buckets.ready(1);
      buckets.ready(0);
      assertThrows(CollectiveException.class, buckets::await);
    }
    assertFalse(region.segment().scope().isAlive());
  }

  @Test
  void shouldRefuseGradientsThatAreFinalTwiceOrNever() {
    try (Region region = Region.allocate("gradients", 192);
        GradientBuckets buckets = new GradientBuckets(communicator, region, OFFSETS, BYTES, 64)) {
      buckets.ready(2);
      assertThrows(IllegalStateException.class, () -> buckets.ready(2));
      assertTrue(assertThrows(IllegalStateException.class, buckets::await).getMessage().contains("parameter 0"));
      buckets.ready(0);
      buckets.ready(1);
      buckets.await();
      buckets.reset();
      buckets.ready(2);
      assertEquals(4, communicator.addresses(region).size());
    }
  }
}
