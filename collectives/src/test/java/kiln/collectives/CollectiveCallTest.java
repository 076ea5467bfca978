package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class CollectiveCallTest {
  private static final long COUNT = 1L << 40;

  private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[2 * CollectiveCall.BYTES]);

  /** Of every operation with every type, reduction and some roots. */
  private static List<CollectiveCall> calls() {
    List<CollectiveCall> calls = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (Reduction reduction : Reduction.values()) {
        calls.add(new CollectiveCall(0, COUNT, type, reduction.ordinal(), -1));
        calls.add(new CollectiveCall(1, COUNT, type, reduction.ordinal(), -1));
      }
      calls.add(new CollectiveCall(2, COUNT, type, -1, -1));
      calls.add(new CollectiveCall(3, COUNT, type, -1, 0));
      calls.add(new CollectiveCall(3, COUNT, type, -1, 100_000));
      calls.add(new CollectiveCall(4, 0, type, -1, -1));
    }
    return calls;
  }

  @Test
  void shouldBeReadAsItWasWritten() {
    for (CollectiveCall call : calls()) {
      call.write(buffer, 0, Long.MAX_VALUE);
      assertEquals(call, CollectiveCall.read(buffer, 0));
      assertNotEquals(CollectiveCall.NO_CALL, buffer.getInt(CollectiveCall.WHAT));
    }
  }

  @Test
  void shouldDifferInWhateverDiffers() {
    List<CollectiveCall> calls = calls();
    for (CollectiveCall one : calls) {
      for (CollectiveCall other : calls) {
        one.write(buffer, 0, 7);
        other.write(buffer, CollectiveCall.BYTES, 7);
        assertEquals(one.equals(other), CollectiveCall.same(buffer, 0, CollectiveCall.BYTES));
      }
    }
    calls.getFirst().write(buffer, 0, 7);
    calls.getFirst().write(buffer, CollectiveCall.BYTES, 8);
    assertFalse(CollectiveCall.same(buffer, 0, CollectiveCall.BYTES));
    calls.getFirst().write(buffer, 0, 8);
    assertTrue(CollectiveCall.same(buffer, 0, CollectiveCall.BYTES));
  }

  @Test
  void shouldRefuseRootThatHasNoRoom() {
    CollectiveCall call = new CollectiveCall(3, 1, ElementType.F32, -1, 1 << 24);
    assertThrows(IllegalArgumentException.class, () -> call.write(buffer, 0, 0));
  }
}
