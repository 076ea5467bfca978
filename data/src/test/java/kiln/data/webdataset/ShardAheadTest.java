package kiln.data.webdataset;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import kiln.data.input.Input;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ShardAheadTest {
  private static final int PICTURE = 1 << 20;

  /** A tar file without end. */
  private static final class Endless extends InputStream {
    private final AtomicLong read = new AtomicLong();
    private byte[] member = {};
    private int at;
    private int number;

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) {
      if (at == member.length) {
        member = Tars.posix().add(number + ".png", new byte[PICTURE]).finish();
        number++;
        at = 0;
        member = Arrays.copyOf(member, PICTURE + Tars.RECORD); // without the end mark
      }
      int got = Math.min(count, member.length - at);
      System.arraycopy(member, at, target, offset, got);
      at += got;
      read.addAndGet(got);
      return got;
    }
  }

  @Test
  @Timeout(60)
  void shouldReadAheadOnlySoFar() throws InterruptedException {
    Endless endless = new Endless();
    Input input =
        new Input() {
          @Override
          public String location() {
            return "endless.tar";
          }

          @Override
          public InputStream open() {
            return endless;
          }
        };
    try (ShardAhead shard = new ShardAhead(input, "", Readings.OPTIONS)) {
      for (int taken = 1; taken <= 100; taken++) {
        assertInstanceOf(ShardAhead.Ready.class, shard.take());
        if (taken % 25 == 0) {
          Thread.sleep(100); // lets it run ahead as far as it will
        }
        long ahead = endless.read.get() - (long) taken * PICTURE;
        assertTrue(ahead < (36 << 20), "ahead=" + ahead);
      }
    }
  }
}
