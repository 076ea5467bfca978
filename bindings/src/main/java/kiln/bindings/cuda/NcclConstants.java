package kiln.bindings.cuda;

/**
 * Constants of NCCL ({@code nccl.h}, 2.30.7). Compared with the header by {@code native/checks/nccl.c}, and with that file by a
 * test.
 */
final class NcclConstants {
  static final int SUCCESS = 0;
  static final int IN_PROGRESS = 7;
  static final int UNIQUE_ID_BYTES = 128;

  /** ncclDataType_t */
  static final int INT8 = 0;

  static final int INT32 = 2;
  static final int INT64 = 4;
  static final int FLOAT32 = 7;
  static final int BFLOAT16 = 9;

  /** ncclRedOp_t */
  static final int SUM = 0;

  static final int MAX = 2;
  static final int MIN = 3;
  static final int AVG = 4;

  /** ncclConfig_t as NCCL 2.18 had it: later members stay as they are by default. */
  static final int CONFIG_BYTES = 48;

  static final int CONFIG_MAGIC = 8;
  static final int CONFIG_VERSION = 12;
  static final int CONFIG_BLOCKING = 16;
  static final int CONFIG_NET_NAME = 32;
  static final int CONFIG_SPLIT_SHARE = 40;
  static final int API_MAGIC = -889274641;
  static final int VERSION_2_18 = 21800;

  private NcclConstants() {}
}
