package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.NcclConstants.API_MAGIC;
import static kiln.bindings.cuda.NcclConstants.CONFIG_BLOCKING;
import static kiln.bindings.cuda.NcclConstants.CONFIG_BYTES;
import static kiln.bindings.cuda.NcclConstants.CONFIG_MAGIC;
import static kiln.bindings.cuda.NcclConstants.CONFIG_NET_NAME;
import static kiln.bindings.cuda.NcclConstants.CONFIG_VERSION;
import static kiln.bindings.cuda.NcclConstants.VERSION_2_18;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** NCCL's ncclConfig_t, as version 2.18 had it; newer ones take it too. */
final class NcclConfiguration {
  /** What stands in a member of type int that is not set: NCCL_CONFIG_UNDEF_INT. */
  private static final int NOT_SET = Integer.MIN_VALUE;

  private NcclConfiguration() {}

  /** All as NCCL thinks best, but that calls return before they are done. */
  static MemorySegment nonBlocking(Arena arena) {
    MemorySegment config = arena.allocate(CONFIG_BYTES, Long.BYTES);
    for (long offset = 0; offset < CONFIG_BYTES; offset += Integer.BYTES) {
      config.set(JAVA_INT, offset, NOT_SET);
    }
    config.set(ADDRESS, CONFIG_NET_NAME, MemorySegment.NULL);
    config.set(JAVA_LONG, 0, CONFIG_BYTES);
    config.set(JAVA_INT, CONFIG_MAGIC, API_MAGIC);
    config.set(JAVA_INT, CONFIG_VERSION, VERSION_2_18);
    config.set(JAVA_INT, CONFIG_BLOCKING, 0);
    return config;
  }
}
