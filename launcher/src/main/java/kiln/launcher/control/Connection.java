package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.SocketAddress;

/** What both ends of a connection do alike: frames in, frames out. All of it happens on the event loop's one thread. */
abstract class Connection extends ChannelInboundHandlerAdapter {
  private FrameDecoder frames;
  private Channel channel;
  private long heard; // when the last frame came, of System.nanoTime()
  private boolean goodbye;

  /** Puts this, and the framing before it, into a new channel. */
  final void addTo(Channel added) {
    channel = added;
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

  /** The connection is cut, for this reason. */
  abstract void cut(String reason);

  /** From now on whole messages may come. */
  final void authenticated() {
    frames.allow(MessageCodec.MAX_FRAME_BYTES);
  }

  final void send(ByteBuf frame) {
    channel.writeAndFlush(frame, channel.voidPromise());
  }

  final void send(ControlMessage message) {
    send(MessageCodec.encode(message));
  }

  /** Sends a last frame. */
  final void sendAndClose(ByteBuf frame) {
    channel.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
  }

  final void close() {
    channel.close();
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
      refresh();
      received(frame);
    } finally {
      frame.release();
    }
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    cut("its connection was closed");
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    cut(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    context.close();
  }
}
