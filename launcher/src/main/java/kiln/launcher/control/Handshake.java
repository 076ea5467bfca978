package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How two sides show each other that they have the job's secret, before anything else is read. Frames are of fixed sizes:
 *
 * <pre>
 *   rank 0 ─▶ rank   challenge | magic i32 | version i32 | nonce of rank 0, 32 bytes |
 *   rank ─▶ rank 0   proof     | rank i32 | ranks i32 | nonce of the rank, 32 bytes | HMAC-SHA-256("client" …), 32 bytes |
 *   rank 0 ─▶ rank   answer    | 0 | HMAC-SHA-256("server" …), 32 bytes |       or one byte: why it is refused
 * </pre>
 *
 * Both HMACs cover both nonces, the version, rank and number of ranks, and who signs, so none can be used twice or
 * elsewhere. What follows is neither encrypted nor signed: the network is trusted to deliver what is sent on a connection.
 */
final class Handshake {
  static final int MAX_FRAME_BYTES = 128;
  static final int NONCE_BYTES = 32;

  private static final int MAGIC = 0x4b494c4e; // "KILN"
  private static final int VERSION = 1;
  private static final int MAC_BYTES = 32;
  private static final int CHALLENGE_BYTES = 2 * Integer.BYTES + NONCE_BYTES;
  private static final int PROOF_BYTES = 2 * Integer.BYTES + NONCE_BYTES + MAC_BYTES;
  private static final int ACCEPTED = 0;

  private Handshake() {}

  /** Why rank 0 does not want a connection. */
  enum Refusal {
    SECRET("its secret is another one"),
    SIZE("its number of ranks is another one"),
    TAKEN("that rank has joined already"),
    LATE("all ranks have joined already");

    private final String words;

    Refusal(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /** Who a rank says that it is, and what shows it. */
  record Proof(int rank, int size, byte[] nonce, byte[] mac) {}

  static ByteBuf challenge(byte[] nonce) {
    return Unpooled.buffer().writeInt(MAGIC).writeInt(VERSION).writeBytes(nonce);
  }

  /**
   * @return the nonce of rank 0
   * @throws IllegalArgumentException if that is no challenge of this version
   */
  static byte[] readChallenge(ByteBuf in) {
    if (in.readableBytes() != CHALLENGE_BYTES || in.readInt() != MAGIC) {
      throw new IllegalArgumentException("it is no rank 0 of Kiln");
    }
    int version = in.readInt();
    if (version != VERSION) {
      throw new IllegalArgumentException("it speaks version " + version + ", expected " + VERSION);
    }
    return bytes(in, NONCE_BYTES);
  }

  static ByteBuf proof(JobSecret secret, byte[] challenge, int rank, int size, byte[] nonce) {
    byte[] mac = secret.sign(message("client", challenge, rank, size, nonce));
    return Unpooled.buffer().writeInt(rank).writeInt(size).writeBytes(nonce).writeBytes(mac);
  }

  /**
   * @throws IllegalArgumentException if that is no proof
   */
  static Proof readProof(ByteBuf in) {
    if (in.readableBytes() != PROOF_BYTES) {
      throw new IllegalArgumentException("it sent no proof of the secret");
    }
    return new Proof(in.readInt(), in.readInt(), bytes(in, NONCE_BYTES), bytes(in, MAC_BYTES));
  }

  static boolean verifies(JobSecret secret, byte[] challenge, Proof proof) {
    return secret.verifies(message("client", challenge, proof.rank(), proof.size(), proof.nonce()), proof.mac());
  }

  static ByteBuf accepted(JobSecret secret, byte[] challenge, Proof proof) {
    byte[] mac = secret.sign(message("server", challenge, proof.rank(), proof.size(), proof.nonce()));
    return Unpooled.buffer().writeByte(ACCEPTED).writeBytes(mac);
  }

  static ByteBuf refused(Refusal refusal) {
    return Unpooled.buffer().writeByte(1 + refusal.ordinal());
  }

  /**
   * @throws IllegalArgumentException if this rank is refused, or if rank 0 does not have the secret
   */
  static void checkAnswer(ByteBuf in, JobSecret secret, byte[] challenge, int rank, int size, byte[] nonce) {
    int code = in.readUnsignedByte();
    if (code != ACCEPTED) {
      Refusal[] all = Refusal.values();
      throw new IllegalArgumentException(code <= all.length ? all[code - 1].words() : "refusal " + code);
    }
    boolean whole = in.readableBytes() == MAC_BYTES;
    if (!whole || !secret.verifies(message("server", challenge, rank, size, nonce), bytes(in, MAC_BYTES))) {
      throw new IllegalArgumentException("it does not have the job's secret");
    }
  }

  private static byte[] message(String who, byte[] challenge, int rank, int size, byte[] nonce) {
    return ByteBuffer.allocate(who.length() + 3 * Integer.BYTES + 2 * NONCE_BYTES)
        .put(who.getBytes(StandardCharsets.US_ASCII))
        .putInt(VERSION)
        .put(challenge)
        .putInt(rank)
        .putInt(size)
        .put(nonce)
        .array();
  }

  private static byte[] bytes(ByteBuf in, int count) {
    byte[] bytes = new byte[count];
    in.readBytes(bytes);
    return bytes;
  }
}
