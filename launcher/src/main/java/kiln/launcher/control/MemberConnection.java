package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Rank 0's end of the connection to one rank. */
final class MemberConnection extends Connection {
  private static final int UNPROVEN = -1;

  private final ControlServer server;
  private final byte[] nonce = JobSecret.random(Handshake.NONCE_BYTES);
  private int rank = UNPROVEN;
  private boolean refused;

  MemberConnection(ControlServer server) {
    this.server = server;
  }

  /** Whether the other side has shown that it has the secret. */
  boolean isProven() {
    return rank != UNPROVEN;
  }

  int rank() {
    return rank;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    send(Handshake.challenge(nonce));
  }

  /** Hangs up on one of whom nothing is known. */
  void turnAway(String why) {
    refuse(why);
    close();
  }

  @Override
  void received(ByteBuf frame) {
    if (isProven()) {
      server.received(this, MessageCodec.decode(frame, server.size()));
    } else {
      prove(frame);
    }
  }

  private void prove(ByteBuf frame) {
    Handshake.Proof proof = Handshake.readProof(frame);
    if (!Handshake.verifies(server.secret(), nonce, proof)) {
      refuse(Handshake.Refusal.SECRET);
    } else if (proof.size() != server.size() || proof.rank() < 0 || proof.rank() >= server.size()) {
      refuse(Handshake.Refusal.SIZE);
    } else if (server.hasTable()) {
      refuse(Handshake.Refusal.LATE);
    } else if (server.hasMember(proof.rank())) {
      refuse(Handshake.Refusal.TAKEN);
    } else {
      rank = proof.rank();
      authenticated(MessageCodec.MAX_RANK_FRAME_BYTES);
      send(Handshake.accepted(server.secret(), nonce, proof));
      server.proven(this);
    }
  }

  private void refuse(Handshake.Refusal refusal) {
    refuse(refusal.words());
    sendAndClose(Handshake.refused(refusal));
  }

  private void refuse(String why) {
    refused = true;
    server.strangers().refused(peer(), why);
  }

  @Override
  void cut(String reason) {
    if (isProven()) {
      server.cut(this, reason);
    } else if (!refused) {
      refuse(reason);
    }
    server.strangers().left(this);
  }
}
