package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Whoever knocks at rank 0's door, and says there what a test wants. */
final class Peer implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final byte[] challenge;

  /** Connects, and reads rank 0's challenge. */
  Peer(Rendezvous rendezvous) {
    try {
      socket = new Socket(rendezvous.host(), rendezvous.port());
      socket.setSoTimeout(60_000);
      in = new DataInputStream(socket.getInputStream());
      challenge = Handshake.readChallenge(Unpooled.wrappedBuffer(receive().orElseThrow()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What shows that it has {@code secret}. */
  byte[] proof(JobSecret secret, int rank, int size) {
    return bytes(Handshake.proof(secret, challenge, rank, size, new byte[Handshake.NONCE_BYTES]));
  }

  /** Shows that it has the secret, which must be accepted. */
  Peer join(JobSecret secret, int rank, int size) {
    send(proof(secret, rank, size));
    byte[] answer = receive().orElseThrow(() -> new AssertionError("hung up"));
    Handshake.checkAnswer(Unpooled.wrappedBuffer(answer), secret, challenge, rank, size, new byte[Handshake.NONCE_BYTES]);
    return this;
  }

  /** Why it is not taken. */
  String refusal() {
    byte[] answer = receive().orElseThrow(() -> new AssertionError("hung up"));
    try {
      Handshake.checkAnswer(Unpooled.wrappedBuffer(answer), JobSecret.create(), challenge, 0, 1, new byte[Handshake.NONCE_BYTES]);
      throw new AssertionError("accepted");
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  void send(byte[] frame) {
    sendRaw(framed(frame));
  }

  void send(ControlMessage message) {
    send(bytes(MessageCodec.encode(message)));
  }

  /** Does nothing if the other side has hung up. */
  void sendRaw(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // What it says to that is for receive() to tell.
    }
  }

  /** The next frame; empty if the other side has hung up. */
  Optional<byte[]> receive() {
    try {
      byte[] frame = new byte[in.readInt()];
      in.readFully(frame);
      return Optional.of(frame);
    } catch (EOFException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (e.getMessage().contains("timed out")) {
        throw new UncheckedIOException(e);
      }
      return Optional.empty(); // reset: it had not read all
    }
  }

  /** The next message that is no heartbeat. */
  ControlMessage receiveMessage(int size) {
    while (true) {
      byte[] frame = receive().orElseThrow(() -> new AssertionError("hung up"));
      ControlMessage message = MessageCodec.decode(Unpooled.wrappedBuffer(frame), size);
      if (!(message instanceof ControlMessage.Heartbeat)) {
        return message;
      }
    }
  }

  /** Says that it has no more to say, and waits until the other side hangs up. */
  void finish() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // It has hung up already.
    }
    awaitEnd();
  }

  /** Waits until the other side hangs up. */
  void awaitEnd() {
    while (receive().isPresent()) {
      // what it said before
    }
  }

  static byte[] bytes(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }

  /** Behind its length. */
  static byte[] framed(byte[] frame) {
    return ByteBuffer.allocate(Integer.BYTES + frame.length).putInt(frame.length).put(frame).array();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
