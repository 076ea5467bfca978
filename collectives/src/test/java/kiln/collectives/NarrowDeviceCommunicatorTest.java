package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.Region;
import kiln.collectives.device.TestDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class NarrowDeviceCommunicatorTest {
  private static final int SIZE = 2;
  private static final int COUNT = 7001;

  @BeforeAll
  static void requireDriver() {
    TestDevice.assume(NarrowDeviceCommunicatorTest.class);
  }

  @ParameterizedTest
  @EnumSource
  void shouldReduceWhatFitsIntoBf16(DeviceRanks.Way way) throws Exception {
    DeviceRanks.run(
        way,
        SIZE,
        (c, device) -> {
          try (NarrowDeviceCommunicator narrow = new NarrowDeviceCommunicator(c.split(0), device.queue());
              Region data = device.allocate("gradients", COUNT * 4L);
              Region shard = device.allocate("a shard", Shard.of(COUNT, 0, SIZE).count() * 4)) {
            for (int step = 0; step < 3; step++) {
              reduce(narrow, device, data.segment(), shard.segment());
            }
          }
          return null;
        });
  }

  private static void reduce(NarrowDeviceCommunicator c, TestDevice device, MemorySegment data, MemorySegment place) {
    Shard mine = Shard.of(COUNT, c.rank(), SIZE);
    MemorySegment shard = place.asSlice(0, mine.count() * 4);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment host = arena.allocate(COUNT * 4L, 64);
      for (Reduction reduction : List.of(Reduction.SUM, Reduction.AVERAGE)) {
        Elements.fill(host, ElementType.F32, c.rank(), NarrowCommunicatorTest.SALT);
        device.write(host, data);
        Pending scattered = c.reduceScatterAsync(data, shard, COUNT, ElementType.F32, reduction);
        Pending reduced = c.allReduceAsync(data, ElementType.F32, reduction);
        reduced.await();
        scattered.await();
        device.read(data, host);
        for (long i = 0; i < COUNT; i++) {
          assertEquals(NarrowCommunicatorTest.expected(reduction, SIZE, i), Elements.getFloat(host, i));
        }
        device.read(shard, host.asSlice(0, shard.byteSize()));
        for (long i = 0; i < mine.count(); i++) {
          float expected = NarrowCommunicatorTest.expected(reduction, SIZE, mine.offset() + i);
          assertEquals(expected, Elements.getFloat(host, i));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldPassEverythingElseAsItIs(DeviceRanks.Way way) throws Exception {
    DeviceRanks.run(
        way,
        SIZE,
        (c, device) -> {
          try (NarrowDeviceCommunicator narrow = new NarrowDeviceCommunicator(c.split(0), device.queue());
              Region data = device.allocate("weights", 400);
              Arena arena = Arena.ofShared()) {
            Checks.allReduce(narrow, ElementType.F32, Reduction.SUM, 1001, true); // exact: in the host's memory
            MemorySegment host = arena.allocate(400, 64);
            Elements.fill(host, ElementType.F32, c.rank(), 1);
            device.write(host, data.segment());
            narrow.broadcast(data.segment(), 100, ElementType.F32, 1);
            device.read(data.segment(), host);
            for (long i = 0; i < 100; i++) {
              assertEquals(Elements.bits(ElementType.F32, 1, i, 1), Elements.get(host, ElementType.F32, i));
            }
          }
          return null;
        });
  }
}
