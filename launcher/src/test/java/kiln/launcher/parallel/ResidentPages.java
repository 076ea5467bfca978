package kiln.launcher.parallel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Which pages of this process are in memory: {@code /proc/self/pagemap}, see proc_pid_pagemap(5). */
final class ResidentPages {
  static final long PAGE = 4096;

  private static final int ENTRY = Long.BYTES;

  private ResidentPages() {}

  /** Bytes of the pages of {@code segment} that are in memory. */
  static long bytes(MemorySegment segment) {
    long first = segment.address() / PAGE;
    long end = Math.ceilDiv(segment.address() + segment.byteSize(), PAGE);
    ByteBuffer entries = ByteBuffer.allocate(Math.toIntExact((end - first) * ENTRY)).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel map = FileChannel.open(Path.of("/proc/self/pagemap"), StandardOpenOption.READ)) {
      while (entries.hasRemaining()) {
        if (map.read(entries, first * ENTRY + entries.position()) < 0) {
          throw new IllegalStateException("the map of pages ends before " + end);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    entries.flip();
    long bytes = 0;
    while (entries.hasRemaining()) {
      bytes += entries.getLong() < 0 ? PAGE : 0; // bit 63: present
    }
    return bytes;
  }
}
