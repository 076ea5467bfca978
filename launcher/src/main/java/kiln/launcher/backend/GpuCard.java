package kiln.launcher.backend;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * GPUs that a run can be planned for without having one: what NVIDIA's data sheets say. Products are dense (the sheets' numbers
 * "with sparsity" are twice as large), in bfloat16 with sums in float32, and in float32 without TF32. Gigabytes are 10⁹ bytes; the
 * cards have some per cent more.
 *
 * <table>
 * <caption>Sources</caption>
 * <tr><td>H200, H200 NVL<td>H200 Tensor Core GPU, data sheet
 * <tr><td>H100, H100 NVL, H100 PCIe<td>H100 Tensor Core GPU, data sheet
 * <tr><td>B200<td>DGX B200 and HGX B200, data sheets, an eighth of each
 * <tr><td>A100<td>A100 Tensor Core GPU, data sheets of 40 GB and of 80 GB
 * <tr><td>A40, L40S<td>data sheets
 * </table>
 */
public enum GpuCard {
  H200("NVIDIA H200 (SXM)", 141, 4.8, 989.5, 67),
  H200_NVL("NVIDIA H200 NVL", 141, 4.8, 835.5, 60),
  H100("NVIDIA H100 (SXM)", 80, 3.35, 989.5, 67),
  H100_NVL("NVIDIA H100 NVL", 94, 3.9, 835.5, 60),
  H100_PCIE("NVIDIA H100 PCIe", 80, 2.0, 756.5, 51),
  B200("NVIDIA B200", 180, 8.0, 2250, 75),
  A100("NVIDIA A100 80 GB (SXM)", 80, 2.039, 312, 19.5),
  A100_PCIE("NVIDIA A100 80 GB PCIe", 80, 1.935, 312, 19.5),
  A100_40GB("NVIDIA A100 40 GB", 40, 1.555, 312, 19.5),
  A40("NVIDIA A40", 48, 0.696, 149.7, 37.4),
  L40S("NVIDIA L40S", 48, 0.864, 362.05, 91.6);

  private static final double TERA = 1e12;
  private static final long GIGA = 1_000_000_000;

  private final String card;
  private final long gigabytes;
  private final double terabytesPerSecond;
  private final double bf16;
  private final double float32;

  /**
   * @param card its name
   * @param gigabytes of its memory
   * @param terabytesPerSecond what that moves
   * @param bf16 TFLOP/s of products
   * @param float32 TFLOP/s of products
   */
  GpuCard(String card, long gigabytes, double terabytesPerSecond, double bf16, double float32) {
    this.card = card;
    this.gigabytes = gigabytes;
    this.terabytesPerSecond = terabytesPerSecond;
    this.bf16 = bf16;
    this.float32 = float32;
  }

  /** The card of that name, as in {@code h100-pcie}. */
  public static Optional<GpuCard> of(String name) {
    return Stream.of(values()).filter(card -> card.toString().equals(name.toLowerCase(Locale.ROOT))).findFirst();
  }

  /** The names of all. */
  public static List<String> names() {
    return Stream.of(values()).map(GpuCard::toString).toList();
  }

  /** As NVIDIA calls it. */
  public String card() {
    return card;
  }

  /** Bytes of its memory. */
  public long bytes() {
    return gigabytes * GIGA;
  }

  /** Bytes that its memory moves in a second. */
  public double peakBytes() {
    return terabytesPerSecond * TERA;
  }

  /** Floating-point operations of products in a second. */
  public double peakFlops(boolean inBf16) {
    return (inBf16 ? bf16 : float32) * TERA;
  }

  /** As users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
