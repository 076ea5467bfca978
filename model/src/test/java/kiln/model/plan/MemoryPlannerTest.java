package kiln.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kiln.model.plan.MemoryPlanner.Block;
import org.junit.jupiter.api.Test;

final class MemoryPlannerTest {
  private static Block block(long bytes, int first, int last) {
    Block block = new Block(bytes, first);
    block.last = last;
    return block;
  }

  @Test
  void shouldNeverGiveTheSameBytesToTwoLivingBlocks() {
    Random random = new Random(5);
    for (int trial = 0; trial < 300; trial++) {
      List<Block> blocks = new ArrayList<>();
      int launches = 1 + random.nextInt(60);
      int count = 1 + random.nextInt(80);
      for (int i = 0; i < count; i++) {
        int first = random.nextInt(launches);
        int last = first + random.nextInt(launches - first);
        blocks.add(block(random.nextInt(5) == 0 ? 0 : random.nextInt(100_000), first, last));
      }
      long total = MemoryPlanner.place(blocks);
      checkPlaces(blocks, total, "trial=" + trial);
      long most = 0;
      for (int launch = 0; launch < launches; launch++) {
        int at = launch;
        most = Math.max(most, blocks.stream().filter(b -> b.first <= at && at <= b.last).mapToLong(b -> b.bytes).sum());
      }
      long sum = blocks.stream().mapToLong(b -> b.bytes).sum();
      assertTrue(most <= total && total <= sum, "trial=" + trial + " most=" + most + " total=" + total + " sum=" + sum);
    }
  }

  private static void checkPlaces(List<Block> blocks, long total, String trial) {
    for (Block a : blocks) {
      assertTrue(a.offset >= 0 && a.offset % MemoryPlanner.ALIGNMENT == 0 && a.offset + a.bytes <= total, trial);
      for (Block b : blocks) {
        boolean lifetimes = a.first <= b.last && b.first <= a.last;
        boolean bytes = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
        assertTrue(a == b || !lifetimes || !bytes, trial + ": two living blocks at offset=" + a.offset + " and " + b.offset);
      }
    }
  }

  @Test
  void shouldReuseTheBytesOfDeadBlocks() {
    List<Block> chain = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      chain.add(block(640, i, i + 1));
    }
    assertEquals(2 * 640, MemoryPlanner.place(chain));
  }

  @Test
  void shouldTakeTheTightestGap() {
    // Two of the five large blocks die early and leave gaps of 1024 and 512 bytes; the small one fits into both.
    Block bottom = block(4096, 0, 9);
    Block wide = block(1024, 0, 1);
    Block divider = block(960, 0, 9);
    Block narrow = block(512, 0, 1);
    Block top = block(448, 0, 9);
    Block late = block(384, 5, 6);
    long total = MemoryPlanner.place(List.of(bottom, wide, divider, narrow, top, late));
    assertEquals(narrow.offset, late.offset);
    assertEquals(4096 + 1024 + 960 + 512 + 448, total);
  }

  @Test
  void shouldPlaceNothingInNoBytes() {
    assertEquals(0, MemoryPlanner.place(List.of()));
  }
}
