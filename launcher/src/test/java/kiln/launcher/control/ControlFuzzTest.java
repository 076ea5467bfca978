package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Anything that bytes can be, from whoever can reach rank 0 of a job that runs. */
class ControlFuzzTest {
  private static final int FRAMES = 10_000;
  private static final int SIZE = 3;
  private static final int MIB = 1 << 20;

  private final Random random = new Random(20_261_129);

  @Test
  void shouldLiveOnWhateverStrangersSend() throws InterruptedException {
    try (LiveJob job = new LiveJob(SIZE, LiveJob.patient())) {
      List<byte[]> messages = MessageCodecTest.messages().map(m -> Peer.bytes(MessageCodec.encode(m))).toList();
      byte[] overheard;
      try (Peer peer = new Peer(job.host.rendezvous())) {
        overheard = peer.proof(job.secret, 1, SIZE);
      }
      job.assertAlive(1);
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      for (int i = 0; i < FRAMES; i++) {
        try (Peer peer = new Peer(job.host.rendezvous())) {
          peer.sendRaw(bytes(i % 11, peer, job.secret, messages, overheard));
          peer.finish();
        }
        if (i % 1000 == 999) {
          job.assertAlive(2 + i);
          assertTrue(nettyBytes() < 16 * MIB, () -> nettyBytes() + " bytes of buffers");
          int now = ManagementFactory.getThreadMXBean().getThreadCount();
          assertTrue(now <= threads + 4, () -> now + " threads, " + threads + " before"); // the JVM's own come and go
        }
      }
      assertEquals(FRAMES + 1, job.host.refusals()); // the one that was overheard hung up
      assertTrue(job.news.size() <= Strangers.SAID + 3, job.news::toString);
      assertTrue(job.news.stream().allMatch(line -> line.matches("control: refused [ -~]{1,200}")), job.news::toString);
      System.gc();
      long grown = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() - heap;
      assertTrue(grown < 16 * MIB, () -> grown + " bytes more");
    }
  }

  private byte[] bytes(int kind, Peer peer, JobSecret secret, List<byte[]> messages, byte[] overheard) {
    byte[] message = messages.get(random.nextInt(messages.size()));
    return switch (kind) {
      case 0 -> randomBytes(1 + random.nextInt(300));
      case 1 -> Peer.framed(randomBytes(1 + random.nextInt(Handshake.MAX_FRAME_BYTES)));
      case 2 -> Peer.framed(mutated(peer.proof(secret, random.nextInt(SIZE), SIZE)));
      case 3 -> cut(Peer.framed(peer.proof(secret, 1, SIZE)));
      case 4 -> ByteBuffer.allocate(40).putInt(hugeLength()).put(randomBytes(36)).array();
      case 5 -> Peer.framed(message);
      case 6 -> Peer.framed(mutated(message.clone()));
      case 7 -> Peer.framed(overheard);
      case 8 -> Peer.framed(peer.proof(secret, random.nextInt(SIZE), SIZE)); // the right one, too late
      case 9 -> joined(Peer.framed(peer.proof(JobSecret.create(), 1, SIZE)), Peer.framed(message));
      case 10 -> joined(Peer.framed(randomBytes(128)), randomBytes(20_000));
      default -> throw new AssertionError(kind);
    };
  }

  private int hugeLength() {
    int length = random.nextInt();
    return length >= 0 && length <= Handshake.MAX_FRAME_BYTES ? Integer.MAX_VALUE : length;
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] mutated(byte[] bytes) {
    int bit = random.nextInt(bytes.length * 8);
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      bit = (bit + 1 + random.nextInt(7)) % (bytes.length * 8); // another one: no two undo each other
    }
    return bytes;
  }

  private byte[] cut(byte[] bytes) {
    return Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static long nettyBytes() {
    ByteBufAllocatorMetric metric = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
    return metric.usedDirectMemory() + metric.usedHeapMemory();
  }
}
