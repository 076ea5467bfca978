package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.record.LaneState;
import kiln.collectives.record.OperationKind;

/**
 * Messages as bytes: a byte that says which, then its numbers, big-endian; texts are UTF-8 behind their length in two bytes,
 * lists stand behind their length in four. Whatever does not fit exactly is refused.
 */
final class MessageCodec {
  /** Of a frame after authentication: a table of some thousand ranks. */
  static final int MAX_FRAME_BYTES = 1 << 20;

  private static final int MAX_TEXT_BYTES = 1 << 12;
  private static final int MAX_LANES = 1 << 10;

  private static final int REGISTER = 1;
  private static final int TABLE = 2;
  private static final int MISSING = 3;
  private static final int HEARTBEAT = 4;
  private static final int FAILED = 5;
  private static final int LATE = 6;
  private static final int INQUIRY = 7;
  private static final int STANDING = 8;
  private static final int PACE = 9;
  private static final int GOODBYE = 10;

  private MessageCodec() {}

  static ByteBuf encode(ControlMessage message) {
    ByteBuf out = Unpooled.buffer();
    switch (message) {
      case ControlMessage.Register m -> writeRank(out.writeByte(REGISTER), m.rank());
      case ControlMessage.Table m -> {
        out.writeByte(TABLE).writeInt(m.table().size());
        m.table().ranks().forEach(rank -> writeRank(out, rank));
      }
      case ControlMessage.Missing m -> {
        out.writeByte(MISSING).writeInt(m.ranks().size());
        m.ranks().forEach(out::writeInt);
      }
      case ControlMessage.Heartbeat _ -> out.writeByte(HEARTBEAT);
      case ControlMessage.Failed m -> {
        out.writeByte(FAILED).writeByte(m.failure().cause().ordinal()).writeInt(m.failure().rank());
        writeText(out, m.failure().line());
      }
      case ControlMessage.Late _ -> out.writeByte(LATE);
      case ControlMessage.Inquiry _ -> out.writeByte(INQUIRY);
      case ControlMessage.Standing m -> {
        List<LaneState> lanes = m.lanes().subList(0, Math.min(m.lanes().size(), MAX_LANES));
        out.writeByte(STANDING).writeInt(lanes.size());
        lanes.forEach(lane -> writeLane(out, lane));
      }
      case ControlMessage.Pace m ->
          out.writeByte(PACE).writeLong(m.step()).writeLong(m.computeNanos()).writeLong(m.waitingNanos());
      case ControlMessage.Goodbye _ -> out.writeByte(GOODBYE);
    }
    return out;
  }

  /**
   * @param numRanks of the job; bounds lists of ranks
   * @throws DecoderException if that is no message
   */
  static ControlMessage decode(ByteBuf in, int numRanks) {
    try {
      ControlMessage message = read(in, numRanks);
      if (in.isReadable()) {
        throw new DecoderException(in.readableBytes() + " bytes too many in " + message.getClass().getSimpleName());
      }
      return message;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new DecoderException("a message that is cut short or malformed", e);
    }
  }

  private static ControlMessage read(ByteBuf in, int numRanks) {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case REGISTER -> new ControlMessage.Register(readRank(in));
      case TABLE -> {
        List<RankInfo> ranks = new ArrayList<>();
        for (int left = readCount(in, numRanks); left > 0; left--) {
          ranks.add(readRank(in));
        }
        yield new ControlMessage.Table(new RankTable(ranks));
      }
      case MISSING -> {
        List<Integer> ranks = new ArrayList<>();
        for (int left = readCount(in, numRanks); left > 0; left--) {
          ranks.add(in.readInt());
        }
        yield new ControlMessage.Missing(ranks);
      }
      case HEARTBEAT -> new ControlMessage.Heartbeat();
      case FAILED -> {
        JobFailure.Cause cause = constant(JobFailure.Cause.values(), in.readByte());
        yield new ControlMessage.Failed(new JobFailure(cause, in.readInt(), readText(in)));
      }
      case LATE -> new ControlMessage.Late();
      case INQUIRY -> new ControlMessage.Inquiry();
      case STANDING -> {
        List<LaneState> lanes = new ArrayList<>();
        for (int left = readCount(in, MAX_LANES); left > 0; left--) {
          lanes.add(readLane(in));
        }
        yield new ControlMessage.Standing(lanes);
      }
      case PACE -> new ControlMessage.Pace(in.readLong(), in.readLong(), in.readLong());
      case GOODBYE -> new ControlMessage.Goodbye();
      default -> throw new DecoderException("unknown message " + kind);
    };
  }

  private static void writeRank(ByteBuf out, RankInfo rank) {
    writeText(out.writeInt(rank.rank()).writeLong(rank.process()), rank.host());
  }

  private static RankInfo readRank(ByteBuf in) {
    int rank = in.readInt();
    long process = in.readLong();
    return new RankInfo(rank, readText(in), process);
  }

  private static void writeLane(ByteBuf out, LaneState lane) {
    writeText(out, lane.communicator());
    out.writeInt(lane.rank()).writeInt(lane.size()).writeLong(lane.issued()).writeLong(lane.ended());
    out.writeByte(lane.kind() == null ? -1 : lane.kind().ordinal()).writeLong(lane.bytes()).writeLong(lane.waitingNanos());
  }

  private static LaneState readLane(ByteBuf in) {
    String communicator = readText(in);
    int rank = in.readInt();
    int size = in.readInt();
    long issued = in.readLong();
    long ended = in.readLong();
    int kind = in.readByte();
    OperationKind operation = kind < 0 ? null : constant(OperationKind.values(), kind);
    return new LaneState(communicator, rank, size, issued, ended, operation, in.readLong(), in.readLong());
  }

  private static void writeText(ByteBuf out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, MAX_TEXT_BYTES);
    out.writeShort(length).writeBytes(bytes, 0, length);
  }

  private static String readText(ByteBuf in) {
    int length = in.readUnsignedShort();
    if (length > MAX_TEXT_BYTES) {
      throw new DecoderException("a text of " + length + " bytes, at most " + MAX_TEXT_BYTES + " are allowed");
    }
    return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
  }

  private static int readCount(ByteBuf in, int most) {
    int count = in.readInt();
    if (count < 0 || count > most) {
      throw new DecoderException("a list of " + count + " entries, at most " + most + " are allowed");
    }
    return count;
  }

  private static <T> T constant(T[] all, int ordinal) {
    if (ordinal < 0 || ordinal >= all.length) {
      throw new DecoderException("unknown number " + ordinal);
    }
    return all[ordinal];
  }
}
