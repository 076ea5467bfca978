package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Single operations with the check of what they gave; the building blocks of {@link Scenario}. */
final class Checks {
  private Checks() {}

  static void allReduce(Communicator c, ElementType type, Reduction reduction, long count, boolean inPlace) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment input = arena.allocate(count * type.bytes(), 64);
      MemorySegment output = inPlace ? input : arena.allocate(count * type.bytes(), 64);
      Elements.fill(input, type, c.rank(), (int) count);
      c.allReduce(input, output, count, type, reduction);
      checkReduced(c, output, type, reduction, 0, count, (int) count);
    }
  }

  static void reduceScatter(Communicator c, ElementType type, Reduction reduction, long count, boolean inPlace) {
    Shard share = Shard.of(count, c.rank(), c.size());
    try (Arena arena = Arena.ofShared()) {
      MemorySegment input = arena.allocate(count * type.bytes(), 64);
      MemorySegment output =
          inPlace
              ? input.asSlice(share.offset() * type.bytes(), share.count() * type.bytes())
              : arena.allocate(share.count() * type.bytes(), 64);
      Elements.fill(input, type, c.rank(), 3);
      c.reduceScatter(input, output, count, type, reduction);
      checkReduced(c, output, type, reduction, share.offset(), share.count(), 3);
    }
  }

  static void allGather(Communicator c, ElementType type, long count, boolean inPlace) {
    Shard share = Shard.of(count, c.rank(), c.size());
    try (Arena arena = Arena.ofShared()) {
      MemorySegment output = arena.allocate(count * type.bytes(), 64);
      MemorySegment input =
          inPlace
              ? output.asSlice(share.offset() * type.bytes(), share.count() * type.bytes())
              : arena.allocate(share.count() * type.bytes(), 64);
      Elements.fill(input, type, c.rank(), 4);
      c.allGather(input, output, count, type);
      for (int rank = 0; rank < c.size(); rank++) {
        Shard theirs = Shard.of(count, rank, c.size());
        for (long i = 0; i < theirs.count(); i++) {
          assertEquals(
              Elements.bits(type, rank, i, 4), Elements.get(output, type, theirs.offset() + i), () -> "allGather " + type);
        }
      }
    }
  }

  static void broadcast(Communicator c, ElementType type, long count, int root) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(count * type.bytes(), 64);
      if (c.rank() == root) {
        Elements.fill(data, type, root, 5);
      }
      c.broadcast(data, count, type, root);
      for (long i = 0; i < count; i++) {
        assertEquals(Elements.bits(type, root, i, 5), Elements.get(data, type, i), () -> "broadcast " + type);
      }
    }
  }

  static void checkReduced(
      Communicator c, MemorySegment data, ElementType type, Reduction reduction, long first, long count, int salt) {
    for (long i = 0; i < count; i++) {
      long at = i;
      assertEquals(
          Elements.reduced(type, reduction, c.size(), first + i, salt),
          Elements.get(data, type, i),
          () -> type + " " + reduction + " count=" + count + " index=" + at);
    }
  }

  static void mismatch(Communicator c, String most, String last, Consumer<Communicator> call) {
    try (Communicator other = c.split(0)) {
      other.barrier();
      MismatchException refused = assertThrows(MismatchException.class, () -> call.accept(other));
      String message = refused.getMessage();
      assertTrue(message.contains("rank 0 called " + most), message);
      assertTrue(message.contains("rank " + (c.size() - 1) + " called " + last), message);
      assertTrue(message.contains("sequence=1"), message);
      assertThrows(MismatchException.class, other::barrier);
      c.barrier();
    }
  }

  static void refuse(Runnable call) {
    assertThrows(IllegalArgumentException.class, call::run);
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
