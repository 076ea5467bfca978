package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NarrowCommunicatorTest {
  static final int SALT = 7;

  private static void onRanks(int size, Consumer<NarrowCommunicator> program) throws Exception {
    ThreadRanks.run(
        size,
        c -> {
          try (NarrowCommunicator narrow = new NarrowCommunicator(c)) {
            program.accept(narrow);
            return null;
          }
        });
  }

  /** The sum of what the ranks' numbers are in bfloat16, rounded to bfloat16. */
  static float expected(Reduction reduction, int size, long index) {
    float sum = 0;
    for (int rank = 0; rank < size; rank++) {
      float own = Float.intBitsToFloat((int) Elements.bits(ElementType.F32, rank, index, SALT));
      float rounded = Elements.toFloat(Elements.toBf16(own), ElementType.BF16);
      sum = rank == 0 ? rounded : sum + rounded;
    }
    return Elements.toFloat(Elements.toBf16(reduction == Reduction.AVERAGE ? sum / size : sum), ElementType.BF16);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldReduceWhatFitsIntoBf16(int size) throws Exception {
    onRanks(
        size,
        c -> {
          for (Reduction reduction : List.of(Reduction.SUM, Reduction.AVERAGE)) {
            for (int count : new int[] {0, 1, 5, 70_001, 3}) {
              try (Arena arena = Arena.ofShared()) {
                MemorySegment data = arena.allocate(count * 4L, 64);
                MemorySegment shard = arena.allocate(Shard.of(count, c.rank(), size).count() * 4, 64);
                Elements.fill(data, ElementType.F32, c.rank(), SALT);
                Pending scattered = c.reduceScatterAsync(data, shard, count, ElementType.F32, reduction);
                Pending reduced = c.allReduceAsync(data, ElementType.F32, reduction);
                reduced.await();
                scattered.await();
                long first = Shard.of(count, c.rank(), size).offset();
                for (long i = 0; i < count; i++) {
                  assertEquals(expected(reduction, size, i), Elements.getFloat(data, i), reduction + " of " + count);
                }
                for (long i = 0; i < shard.byteSize() / 4; i++) {
                  float own = Elements.getFloat(shard, i);
                  assertEquals(expected(reduction, size, first + i), own, reduction + " of " + count);
                }
              }
            }
          }
        });
  }

  @Test
  void shouldPassEverythingElseAsItIs() throws Exception {
    onRanks(
        2,
        c -> {
          Checks.allReduce(c, ElementType.F32, Reduction.MAX, 1001, true);
          Checks.allReduce(c, ElementType.BF16, Reduction.SUM, 1001, false);
          Checks.allReduce(c, ElementType.I64, Reduction.SUM, 1001, true);
          Checks.reduceScatter(c, ElementType.I32, Reduction.AVERAGE, 1001, true);
          Checks.allGather(c, ElementType.F32, 1001, true);
          Checks.broadcast(c, ElementType.F32, 1001, 1);
          c.barrier();
          try (NarrowCommunicator other = c.split(0)) {
            Checks.allReduce(other, ElementType.F32, Reduction.MIN, 100, true);
          }
        });
  }

  @Test
  void shouldKeepWhatIsNotANumberAndMakeInfiniteWhatIsTooLarge() throws Exception {
    onRanks(
        2,
        c -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(12, 64);
            data.copyFrom(MemorySegment.ofArray(new float[] {c.rank() == 1 ? Float.NaN : 1, Float.MAX_VALUE, -0f}));
            c.allReduce(data, ElementType.F32, Reduction.AVERAGE);
            assertEquals(Float.NaN, Elements.getFloat(data, 0));
            assertEquals(Float.POSITIVE_INFINITY, Elements.getFloat(data, 1));
            assertEquals(-0f, Elements.getFloat(data, 2));
          }
        });
  }

  @Test
  void shouldFailAsTheInnerOneDoes() throws Exception {
    onRanks(
        2,
        c -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(64, 64);
            assertThrows(IllegalArgumentException.class, () -> c.allReduce(data, data, 17, ElementType.F32, Reduction.SUM));
            if (c.rank() == 1) {
              Checks.sleep(50);
              c.abort("no more");
            } else {
              Pending pending = c.allReduceAsync(data, ElementType.F32, Reduction.SUM);
              assertEquals(1, assertThrows(PeerLostException.class, pending::await).rank());
            }
          }
        });
  }
}
