package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;

/**
 * Cuts the stream into frames: four bytes of length, big-endian, then so many bytes. A frame is handed on before the next
 * one is looked at, so how long one may be can change in between.
 */
final class FrameDecoder extends ByteToMessageDecoder {
  private int limit;

  /**
   * @param limit most bytes of a frame
   */
  FrameDecoder(int limit) {
    this.limit = limit;
  }

  void allow(int bytes) {
    limit = bytes;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < Integer.BYTES) {
      return;
    }
    int length = in.getInt(in.readerIndex());
    if (length < 1 || length > limit) {
      in.skipBytes(in.readableBytes());
      String found = Integer.toUnsignedString(length);
      throw new TooLongFrameException("a frame of " + found + " bytes, at most " + limit + " are allowed");
    }
    if (in.readableBytes() >= Integer.BYTES + length) {
      in.skipBytes(Integer.BYTES);
      out.add(in.readRetainedSlice(length));
    }
  }
}
