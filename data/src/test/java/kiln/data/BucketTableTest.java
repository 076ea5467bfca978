package kiln.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;

class BucketTableTest {
  private static final BucketTable TABLE =
      new BucketTable(
          List.of(new BucketTable.Size(64, 64), new BucketTable.Size(32, 128), new BucketTable.Size(96, 40)),
          List.of(128, 32, 64));

  @Test
  void shouldChooseTheNearestAspectRatio() {
    assertEquals(new BucketTable.Size(64, 64), TABLE.nearest(500, 480));
    assertEquals(new BucketTable.Size(32, 128), TABLE.nearest(10, 1000));
    assertEquals(new BucketTable.Size(96, 40), TABLE.nearest(200, 100));
    assertEquals(new BucketTable.Size(64, 64), TABLE.nearest(100, 150));
  }

  @Test
  void shouldChooseTheShortestLengthThatHoldsTheCaptionAndItsEnd() {
    assertEquals(32, TABLE.captionLength(31));
    assertEquals(64, TABLE.captionLength(32));
    assertEquals(128, TABLE.captionLength(127));
    assertEquals(128, TABLE.captionLength(5000));
    assertEquals(new Bucket(64, 64, 32), TABLE.bucket(new BucketTable.Size(64, 64), 0));
  }

  @Test
  void shouldKeepAspectRatiosUnderThePixelBudget() {
    List<BucketTable.Size> sizes = BucketTable.aspectRatios(512, 64, 1024);
    assertEquals(new BucketTable.Size(512, 512), sizes.getFirst());
    assertEquals(sizes.size(), new HashSet<>(sizes).size());
    for (BucketTable.Size size : sizes) {
      assertEquals(0, size.height() % 64 + size.width() % 64);
      assertTrue(size.height() * size.width() <= 512 * 512 && Math.max(size.height(), size.width()) <= 1024);
      assertTrue(sizes.contains(new BucketTable.Size(size.width(), size.height())));
    }
    assertTrue(sizes.contains(new BucketTable.Size(256, 1024)));
  }

  @Test
  void shouldRefuseTablesWithoutMeaning() {
    assertThrows(UserException.class, () -> new BucketTable(List.of(), List.of(64)));
    assertThrows(UserException.class, () -> BucketTable.square(32, 1));
    assertThrows(UserException.class, () -> BucketTable.square(0, 64));
    assertThrows(UserException.class, () -> BucketTable.aspectRatios(64, 128, 256));
  }
}
