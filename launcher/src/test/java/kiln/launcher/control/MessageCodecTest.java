package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kiln.collectives.record.LaneState;
import kiln.collectives.record.OperationKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What travels between ranks, and what is refused. */
class MessageCodecTest {
  private static final int RANKS = 3;

  static Stream<ControlMessage> messages() {
    RankTable table =
        new RankTable(List.of(new RankInfo(0, "a", 1), new RankInfo(1, "Straße", 2), new RankInfo(2, "a", 1L << 40)));
    LaneState idle = new LaneState("world", 0, 3, 0, 0, null, 0, 0);
    LaneState busy = new LaneState("world/0:1", 1, 2, 8, 7, OperationKind.ALL_GATHER, 1L << 33, 5_000_000_000L);
    return Stream.of(
        new ControlMessage.Register(table.get(1)),
        new ControlMessage.Table(table),
        new ControlMessage.Missing(List.of(1, 2)),
        new ControlMessage.Heartbeat(),
        new ControlMessage.Failed(new JobFailure(JobFailure.Cause.LATE, 2, "rank 2 …")),
        new ControlMessage.Late(),
        new ControlMessage.Inquiry(),
        new ControlMessage.Standing(List.of(idle, busy)),
        new ControlMessage.Pace(12, 34, 56),
        new ControlMessage.Goodbye());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldReadWhatItWrites(ControlMessage message) {
    assertEquals(message, MessageCodec.decode(MessageCodec.encode(message), RANKS));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldRefuseWhatIsCutShortOrTooLong(ControlMessage message) {
    byte[] bytes = ByteBufUtil.getBytes(MessageCodec.encode(message));
    for (int length = 0; length < bytes.length; length++) {
      ByteBuf cut = Unpooled.wrappedBuffer(bytes, 0, length);
      assertThrows(DecoderException.class, () -> MessageCodec.decode(cut, RANKS));
    }
    ByteBuf longer = Unpooled.wrappedBuffer(bytes, new byte[1]);
    assertThrows(DecoderException.class, () -> MessageCodec.decode(longer, RANKS));
  }

  @Test
  void shouldRefuseAnythingElse() {
    Random random = new Random(7);
    List<byte[]> good = messages().map(m -> ByteBufUtil.getBytes(MessageCodec.encode(m))).toList();
    int numRead = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = good.get(random.nextInt(good.size())).clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        MessageCodec.decode(Unpooled.wrappedBuffer(bytes), RANKS);
        numRead++; // another number or text: nothing that could be told
      } catch (DecoderException e) {
        assertTrue(e.getMessage() != null, e::toString);
      }
    }
    assertTrue(numRead < 10_000, "all were read");
  }
}
