package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import kiln.collectives.record.LaneState;
import kiln.collectives.record.OperationKind;

/**
 * Messages as bytes: a byte that says which, then its numbers, big-endian; texts are UTF-8 behind their length in two bytes,
 * lists stand behind their length in four. Whatever does not fit exactly is refused, and so are numbers that no rank could mean
 * and texts that would do more than be read where they are shown.
 */
final class MessageCodec {
  /** Of a frame from rank 0 after authentication: a table of some thousand ranks. */
  static final int MAX_FRAME_BYTES = 1 << 20;

  /** Of a frame from another rank: where it stands on all its communicators. */
  static final int MAX_RANK_FRAME_BYTES = 1 << 17;

  private static final int MAX_TEXT_BYTES = 1 << 12;
  private static final int MAX_HOST_BYTES = 255; // of a name in the DNS, RFC 1035
  private static final int MAX_LANE_BYTES = 64 + MAX_TEXT_BYTES;
  private static final int MAX_LANES = 1 << 10;

  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

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
        writeText(out, m.failure().line(), MAX_TEXT_BYTES);
      }
      case ControlMessage.Late _ -> out.writeByte(LATE);
      case ControlMessage.Inquiry _ -> out.writeByte(INQUIRY);
      case ControlMessage.Standing m -> {
        out.writeByte(STANDING).writeInt(0);
        int count = 0;
        int most = Math.min(m.lanes().size(), MAX_LANES);
        while (count < most && out.writerIndex() < MAX_RANK_FRAME_BYTES - MAX_LANE_BYTES) {
          writeLane(out, m.lanes().get(count++));
        }
        out.setInt(1, count); // all of them, but for a job that has cut itself into thousands of groups
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
      case REGISTER -> new ControlMessage.Register(readRank(in, numRanks));
      case TABLE -> {
        List<RankInfo> ranks = new ArrayList<>();
        for (int left = readCount(in, numRanks, numRanks); left > 0; left--) {
          ranks.add(readRank(in, numRanks));
        }
        yield new ControlMessage.Table(new RankTable(ranks));
      }
      case MISSING -> {
        List<Integer> ranks = new ArrayList<>();
        for (int left = readCount(in, 1, numRanks); left > 0; left--) {
          ranks.add(readIndex(in, numRanks));
        }
        yield new ControlMessage.Missing(ranks);
      }
      case HEARTBEAT -> new ControlMessage.Heartbeat();
      case FAILED -> {
        JobFailure.Cause cause = constant(JobFailure.Cause.values(), in.readByte());
        yield new ControlMessage.Failed(new JobFailure(cause, readIndex(in, numRanks), readText(in, MAX_TEXT_BYTES)));
      }
      case LATE -> new ControlMessage.Late();
      case INQUIRY -> new ControlMessage.Inquiry();
      case STANDING -> {
        List<LaneState> lanes = new ArrayList<>();
        for (int left = readCount(in, 0, MAX_LANES); left > 0; left--) {
          lanes.add(readLane(in, numRanks));
        }
        yield new ControlMessage.Standing(lanes);
      }
      case PACE -> new ControlMessage.Pace(readCounter(in), readCounter(in), readCounter(in));
      case GOODBYE -> new ControlMessage.Goodbye();
      default -> throw new DecoderException("unknown message " + kind);
    };
  }

  private static void writeRank(ByteBuf out, RankInfo rank) {
    writeText(out.writeInt(rank.rank()).writeLong(rank.process()), rank.host(), MAX_HOST_BYTES);
  }

  private static RankInfo readRank(ByteBuf in, int numRanks) {
    int rank = readIndex(in, numRanks);
    long process = readCounter(in);
    return new RankInfo(rank, readText(in, MAX_HOST_BYTES), process);
  }

  private static void writeLane(ByteBuf out, LaneState lane) {
    writeText(out, lane.communicator(), MAX_TEXT_BYTES);
    out.writeInt(lane.rank()).writeInt(lane.size()).writeLong(lane.issued()).writeLong(lane.ended());
    out.writeByte(lane.kind() == null ? -1 : lane.kind().ordinal()).writeLong(lane.bytes()).writeLong(lane.waitingNanos());
  }

  private static LaneState readLane(ByteBuf in, int numRanks) {
    String communicator = readText(in, MAX_TEXT_BYTES);
    int rank = in.readInt();
    int size = in.readInt();
    if (rank < 0 || rank >= size || size > numRanks) {
      throw new DecoderException("rank " + rank + " of " + size + " in a job of " + numRanks);
    }
    long issued = readCounter(in);
    long ended = readCounter(in);
    int kind = in.readByte();
    OperationKind operation = kind == -1 ? null : constant(OperationKind.values(), kind);
    return new LaneState(communicator, rank, size, issued, ended, operation, readCounter(in), readCounter(in));
  }

  /** Texts are shown as one line of a terminal or of a log. */
  private static void writeText(ByteBuf out, String text, int most) {
    byte[] bytes = CONTROLS.matcher(text).replaceAll(" ").getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, most);
    while (length < bytes.length && (bytes[length] & 0xc0) == 0x80) {
      length--; // not in the middle of a character
    }
    out.writeShort(length).writeBytes(bytes, 0, length);
  }

  private static String readText(ByteBuf in, int most) {
    int length = in.readUnsignedShort();
    if (length > most) {
      throw new DecoderException("a text of " + length + " bytes, at most " + most + " are allowed");
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (CONTROLS.matcher(text).find()) {
        throw new DecoderException("a text with control characters");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new DecoderException("a text that is not UTF-8", e);
    }
  }

  private static int readCount(ByteBuf in, int least, int most) {
    int count = in.readInt();
    if (count < least || count > most) {
      throw new DecoderException("a list of " + count + " entries, expected " + least + " to " + most);
    }
    return count;
  }

  private static int readIndex(ByteBuf in, int numRanks) {
    int rank = in.readInt();
    if (rank < 0 || rank >= numRanks) {
      throw new DecoderException("rank " + rank + " of " + numRanks);
    }
    return rank;
  }

  private static long readCounter(ByteBuf in) {
    long counter = in.readLong();
    if (counter < 0) {
      throw new DecoderException("a count of " + counter);
    }
    return counter;
  }

  private static <T> T constant(T[] all, int ordinal) {
    if (ordinal < 0 || ordinal >= all.length) {
      throw new DecoderException("unknown number " + ordinal);
    }
    return all[ordinal];
  }
}
