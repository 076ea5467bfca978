package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TargetIndexTest {
  @Test
  void shouldKeepTheLastPlaceOfEachTarget() {
    TargetIndex index = new TargetIndex();
    int count = 50_000;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < count; i++) {
        index.put(Target.key("http://example.org/" + i, ""), i * 100L + round);
      }
    }
    for (int i = 0; i < count; i++) {
      assertEquals(i * 100L + 1, index.get(Target.key("http://example.org/" + i, "")));
    }
    assertEquals(TargetIndex.NONE, index.get(Target.key("http://example.org/" + count, "")));
    assertEquals(TargetIndex.NONE, index.get(Target.key("http://example.org/1", "00")), "another checksum, another target");
  }

  @Test
  void shouldHoldTheKeyOfZeros() {
    TargetIndex index = new TargetIndex();
    index.put(new byte[16], 5);
    assertEquals(5, index.get(new byte[16]));
  }
}
