package kiln.collectives.nccl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.collectives.CollectiveCall;
import kiln.collectives.ElementType;
import org.junit.jupiter.api.Test;

class CallLogTest {
  private static CollectiveCall broadcast(long count, int root) {
    return new CollectiveCall(3, count, ElementType.F32, -1, root);
  }

  @Test
  void shouldHashAllCallsSoFar() {
    CallLog one = new CallLog();
    CallLog other = new CallLog();
    for (int i = 0; i < 10; i++) {
      assertEquals(i, one.add(broadcast(i, 0)));
      other.add(broadcast(i, i == 6 ? 1 : 0));
    }
    assertEquals(one.hash(6), other.hash(6));
    for (int calls = 7; calls <= 10; calls++) {
      assertNotEquals(one.hash(calls), other.hash(calls), "a difference is never forgotten");
    }
    assertEquals(one.word(6, 0), other.word(6, 0));
    assertNotEquals(one.word(6, 1), other.word(6, 1));
  }

  @Test
  void shouldKnowTheNewestCalls() {
    CallLog log = new CallLog();
    assertTrue(log.knows(0));
    assertFalse(log.knows(1));
    for (int i = 0; i < 2 * CallLog.KEPT; i++) {
      log.add(broadcast(i, 0));
    }
    assertEquals(2 * CallLog.KEPT, log.issued());
    assertTrue(log.knows(CallLog.KEPT + 2));
    assertFalse(log.knows(CallLog.KEPT + 1));
    assertEquals(CallLog.KEPT + 2, log.word(CallLog.KEPT + 2, 0), "the count of that call");
  }
}
