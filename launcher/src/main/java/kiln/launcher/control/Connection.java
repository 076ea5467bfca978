package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.SocketAddress;

/** What both ends of a connection do alike: frames in, frames out. All of it happens on the event loop's one thread. */
abstract class Connection extends ChannelInboundHandlerAdapter {
  /** What the other side may leave unread, beside what the system keeps: more than the largest frame. */
  private static final int MOST_UNREAD = 2 * MessageCodec.MAX_FRAME_BYTES;

  private FrameDecoder frames;
  private Channel channel;
  private long heard; // when the last frame came, of System.nanoTime()
  private boolean goodbye;
  private boolean over; // what still comes is not looked at
  private boolean told; // that it is cut

  /** Puts this, and the framing before it, into a new channel. */
  final void addTo(Channel added) {
    channel = added;
    refresh();
    added.config().setWriteBufferWaterMark(new WriteBufferWaterMark(MOST_UNREAD / 2, MOST_UNREAD));
    frames = new FrameDecoder(Handshake.MAX_FRAME_BYTES);
    ChannelPipeline pipeline = added.pipeline();
    pipeline.addLast(frames, new LengthFieldPrepender(Integer.BYTES), this);
  }

  /** One channel after the other has it, until one connects. */
  @Override
  public final boolean isSharable() {
    return true;
  }

  /** A frame has come. */
  abstract void received(ByteBuf frame);

  /** The connection is cut, for this reason; once. */
  abstract void cut(String reason);

  /**
   * From now on whole messages may come.
   *
   * @param most bytes of one
   */
  final void authenticated(int most) {
    frames.allow(most);
  }

  /** Sends a frame; to a side that does not read what it is sent, the connection is cut. */
  final void send(ByteBuf frame) {
    channel.writeAndFlush(frame, channel.voidPromise());
    if (!over && channel.isActive() && !channel.isWritable()) {
      end("it does not read what it is sent");
    }
  }

  final void send(ControlMessage message) {
    send(MessageCodec.encode(message));
  }

  /** The same from any thread. */
  final void sendLater(ControlMessage message) {
    channel.eventLoop().execute(() -> send(message));
  }

  /** Sends a last frame; what comes from now on is not looked at. */
  final void sendAndClose(ByteBuf frame) {
    over = true;
    channel.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
  }

  /** Hangs up; what comes from now on is not looked at. */
  final void close() {
    over = true;
    channel.close();
  }

  /** Whether this side has hung up, or the other one. */
  final boolean isOver() {
    return over;
  }

  final long heard() {
    return heard;
  }

  /** Takes the other side for alive now. */
  final void refresh() {
    heard = System.nanoTime();
  }

  /** Whether the other side has said that it ends in good order. */
  final boolean saidGoodbye() {
    return goodbye;
  }

  final void goodbye() {
    goodbye = true;
  }

  /** Address of the other side, for messages. */
  final String peer() {
    SocketAddress address = channel.remoteAddress();
    return address == null ? "?" : address.toString().replaceFirst("^/", "");
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf frame = (ByteBuf) message;
    try {
      if (!over) { // several frames may have come at once, of which one was refused
        refresh();
        received(frame);
      }
    } finally {
      frame.release();
    }
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    end("its connection was closed");
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!over) {
      end(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
  }

  private void end(String reason) {
    over = true; // before others are told, who may be told over this connection too
    if (!told) {
      told = true;
      cut(reason);
    }
    channel.close();
  }
}
