package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShardTest {
  @Test
  void shouldCoverEveryElementOnceInTheOrderOfTheRanks() {
    for (long alignment : new long[] {1, 16}) {
      for (int size = 1; size <= 5; size++) {
        for (long count : new long[] {0, 1, 4, 5, 16, 17, 100, 1L << 40}) {
          long next = 0;
          for (int rank = 0; rank < size; rank++) {
            Shard shard = Shard.of(count, rank, size, alignment);
            assertTrue(shard.count() >= 0 && shard.count() <= Shard.block(count, size, alignment), shard.toString());
            assertEquals(next, shard.offset());
            next += shard.count();
          }
          assertEquals(count, next);
        }
      }
    }
  }

  @Test
  void shouldLeaveTheLastRanksLess() {
    assertEquals(new Shard(6, 3), Shard.of(10, 2, 4));
    assertEquals(new Shard(9, 1), Shard.of(10, 3, 4));
    assertEquals(new Shard(5, 0), Shard.of(5, 3, 4));
    assertEquals(new Shard(16, 1), Shard.of(17, 1, 2, 16));
  }

  @Test
  void shouldRefuseRanksThatDoNotExist() {
    assertThrows(IllegalArgumentException.class, () -> Shard.of(10, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> Shard.of(-1, 0, 2));
  }
}
