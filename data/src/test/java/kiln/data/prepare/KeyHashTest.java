package kiln.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyHashTest {
  /** Philox, which draws noise by sample, takes numbers up to 2⁵⁶ − 1. */
  @Test
  void shouldNumberSamplesAsRandomNumbersAreKeyed() {
    long[] ids = IntStream.range(0, 1000).mapToLong(i -> KeyHash.of("picture " + i).id()).toArray();
    for (long id : ids) {
      assertTrue(id >= 0 && id < 1L << 56, () -> Long.toHexString(id));
    }
    assertEquals(ids.length, IntStream.range(0, ids.length).mapToObj(i -> ids[i]).distinct().count());
  }
}
