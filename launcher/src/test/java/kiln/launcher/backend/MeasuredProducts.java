package kiln.launcher.backend;

/** Measures products of 64 rows on device 0, for {@link CudaProbeTest}, in a process of its own. */
final class MeasuredProducts {
  private MeasuredProducts() {}

  public static void main(String[] arguments) {
    for (boolean inBf16 : new boolean[] {false, true}) {
      System.out.println(DeviceProducts.measure(0, inBf16, 64));
    }
    System.out.println(DeviceRoom.freeBytes(0));
  }
}
