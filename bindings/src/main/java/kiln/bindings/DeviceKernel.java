package kiln.bindings;

import static kiln.bindings.DeviceKernel.Work.BLOCKS;
import static kiln.bindings.DeviceKernel.Work.ELEMENTS;
import static kiln.bindings.DeviceKernel.Work.ITEMS;
import static kiln.bindings.DeviceKernel.Work.WARPS;

/**
 * The kernels of {@code native/cuda}, as {@code kernels.h} declares them: kind of work, name and arguments. What the arguments
 * and the items of work are stands at the definitions, in the file named like the operation.
 */
public enum DeviceKernel {
  // Six extents of a tensor, filled up with 1 in front, and a number for each of its axes. Passed by value.
  // Elementwise
  AFFINE(ELEMENTS, "kiln_affine", "ipplff"),
  AFFINE_U8(ELEMENTS, "kiln_affine_u8", "pplff"),
  AFFINE_I32(ELEMENTS, "kiln_affine_i32", "pplff"),
  BINARY(ELEMENTS, "kiln_binary", "iippplll"),
  BROADCAST(ELEMENTS, "kiln_broadcast", "ipplll"),
  FILL(ELEMENTS, "kiln_fill", "plf"),
  NARROW(ELEMENTS, "kiln_narrow", "ppl"),
  WIDEN(ELEMENTS, "kiln_widen", "ppl"),
  CLAMP(ELEMENTS, "kiln_clamp", "ipplff"),
  CLAMP_GRAD(ELEMENTS, "kiln_clamp_grad", "ippplff"),
  UNARY(ELEMENTS, "kiln_unary", "iippl"),
  UNARY_GRAD(ELEMENTS, "kiln_unary_grad", "iipppl"),
  GEGLU(ELEMENTS, "kiln_geglu", "ippll"),
  GEGLU_GRAD(ELEMENTS, "kiln_geglu_grad", "ipppll"),
  // Normalisations
  GROUP_NORM_SUMS(BLOCKS, "kiln_group_norm_sums", "ipplllll"),
  GROUP_NORM_STATISTICS(BLOCKS, "kiln_group_norm_statistics", "ipppplllllf"),
  GROUP_NORM(BLOCKS, "kiln_group_norm", "ippppppllllli"),
  GROUP_NORM_GRAD_SUMS(BLOCKS, "kiln_group_norm_grad_sums", "ipppppppllllli"),
  GROUP_NORM_GRAD_MEANS(BLOCKS, "kiln_group_norm_grad_means", "pppplllll"),
  GROUP_NORM_GRAD(BLOCKS, "kiln_group_norm_grad", "ippppppppllllli"),
  LAYER_NORM(WARPS, "kiln_layer_norm", "ippppppllf"),
  LAYER_NORM_GRAD_SUMS(BLOCKS, "kiln_layer_norm_grad_sums", "ipppppll"),
  LAYER_NORM_GRAD(WARPS, "kiln_layer_norm_grad", "ippppppll"),
  RMS_NORM(WARPS, "kiln_rms_norm", "ippppllf"),
  RMS_NORM_GRAD_SUMS(BLOCKS, "kiln_rms_norm_grad_sums", "ippppll"),
  RMS_NORM_GRAD(WARPS, "kiln_rms_norm_grad", "ipppppll"),
  FOLD_PARTIALS(BLOCKS, "kiln_fold_partials", "pppll"),
  SUM_PARTIALS(BLOCKS, "kiln_sum_partials", "pplll"),
  // Sums, softmax and losses
  SUM(BLOCKS, "kiln_sum", "ippllll"),
  SUM_ROWS(WARPS, "kiln_sum_rows", "ipplll"),
  SOFTMAX(WARPS, "kiln_softmax", "pplli"),
  SOFTMAX_GRAD(WARPS, "kiln_softmax_grad", "ppplli"),
  CROSS_ENTROPY(WARPS, "kiln_cross_entropy", "ppppllif"),
  CROSS_ENTROPY_TOTAL(BLOCKS, "kiln_cross_entropy_total", "ppplii"),
  CROSS_ENTROPY_SHARE(BLOCKS, "kiln_cross_entropy_share", "pplii"),
  CROSS_ENTROPY_GRAD(WARPS, "kiln_cross_entropy_grad", "ppppppllifi"),
  WEIGHTED_MSE(BLOCKS, "kiln_weighted_mse", "ppplll"),
  WEIGHTED_MSE_TOTAL(BLOCKS, "kiln_weighted_mse_total", "pppplll"),
  WEIGHTED_MSE_GRAD(ELEMENTS, "kiln_weighted_mse_grad", "pppppll"),
  // Attention made of products
  ATTENTION_SOFTMAX(WARPS, "kiln_attention_softmax", "ipppppsf"),
  ATTENTION_SOFTMAX_GRAD(WARPS, "kiln_attention_softmax_grad", "ipppll"),
  // Moving and looking up
  COPY_BLOCKS(ELEMENTS, "kiln_copy_blocks", "ppllllll"),
  PAD_BLOCKS(ELEMENTS, "kiln_pad_blocks", "ppllll"),
  PERMUTE(ELEMENTS, "kiln_permute", "ipps"),
  PERMUTE_TILES(BLOCKS, "kiln_permute_tiles", "ippsl"),
  ROLL(ELEMENTS, "kiln_roll", "ipps"),
  FILTER_PACK(BLOCKS, "kiln_filter_pack", "iipplll"),
  FILTER_UNPACK(BLOCKS, "kiln_filter_unpack", "iipplll"),
  SELECT_ROWS(ELEMENTS, "kiln_select_rows", "ppppll"),
  CAUSAL_MASK(ELEMENTS, "kiln_causal_mask", "pl"),
  EMBEDDING(ELEMENTS, "kiln_embedding", "pppplll"),
  EMBEDDING_GRAD(BLOCKS, "kiln_embedding_grad", "ppppllll"),
  RELATIVE_POSITION_BIAS(ELEMENTS, "kiln_relative_position_bias", "ppplll"),
  RELATIVE_POSITION_DIAGONALS(ITEMS, "kiln_relative_position_diagonals", "pplll"),
  RELATIVE_POSITION_BIAS_GRAD(WARPS, "kiln_relative_position_bias_grad", "pppllll"),
  // Feature maps and timesteps
  UPSAMPLE_NEAREST(ELEMENTS, "kiln_upsample_nearest", "ippllllll"),
  UPSAMPLE_NEAREST_GRAD(ELEMENTS, "kiln_upsample_nearest_grad", "ippllllll"),
  AVG_POOL2D(ELEMENTS, "kiln_avg_pool2d", "ppllllllll"),
  AVG_POOL2D_GRAD(ELEMENTS, "kiln_avg_pool2d_grad", "ppllllllll"),
  TIMESTEP_EMBEDDING_F32(ITEMS, "kiln_timestep_embedding_f32", "pplliff"),
  TIMESTEP_EMBEDDING_I32(ITEMS, "kiln_timestep_embedding_i32", "pplliff"),
  // Optimizer
  ADAMW_F32(ELEMENTS, "kiln_adamw_f32", "pppppplp"),
  CLIP_SCALE(ITEMS, "kiln_clip_scale", "pppdd"),
  EMA_F32(ELEMENTS, "kiln_ema_f32", "pplf"),
  SUM_OF_SQUARES_F32(BLOCKS, "kiln_sum_of_squares_f32", "ppl"),
  SUM_OF_SQUARES_TOTAL(BLOCKS, "kiln_sum_of_squares_total", "pp"),
  // Random numbers
  PHILOX_WORDS(ITEMS, "kiln_philox_words", "pllplii"),
  PHILOX_UNIFORM(ITEMS, "kiln_philox_uniform", "pllplii"),
  PHILOX_NORMAL(ITEMS, "kiln_philox_normal", "pllplii");

  /** Threads of every block. */
  public static final int THREADS = 256;

  /** Kinds of work, by how many items of it a block is given: KILN_ELEMENTS and so on in {@code kiln.h}. */
  public enum Work {
    /** About eight elements for a thread. */
    ELEMENTS(8 * THREADS),
    /** A thread for an item. */
    ITEMS(THREADS),
    /** A warp for an item. */
    WARPS(THREADS / 32),
    /** A block for an item. */
    BLOCKS(1);

    private final int itemsPerBlock;

    Work(int itemsPerBlock) {
      this.itemsPerBlock = itemsPerBlock;
    }

    /** Blocks of a launch, at least one. */
    public int numBlocks(long items) {
      return Math.toIntExact(Math.max(1, Math.ceilDiv(items, itemsPerBlock)));
    }
  }

  private final Work work;
  private final String symbol;
  private final String arguments;

  DeviceKernel(Work work, String symbol, String arguments) {
    this.work = work;
    this.symbol = symbol;
    this.arguments = arguments;
  }

  public Work work() {
    return work;
  }

  /** Its name in the module. */
  public String symbol() {
    return symbol;
  }

  /**
   * A letter for each argument: p an address, i 32 bits, l 64 bits, f float32, d float64, s a structure of twelve numbers of 64
   * bits.
   */
  public String arguments() {
    return arguments;
  }
}
