package kiln.launcher.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaLibrary;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import org.junit.jupiter.api.Test;

class CudaProbeTest {
  @Test
  void shouldSeeWhatTheDriverSees() {
    CudaState state = CudaProbe.ask(FakeCudaLibraries.variables());
    assertTrue(state.driver());
    assertEquals(1, state.devices().size(), state::toString);
    CudaState.Device device = state.devices().getFirst();
    assertEquals("Kiln test device", device.name());
    assertEquals("sm_90", device.architecture());
    assertEquals(2.0 * 3201e6 * 6144 / 8, device.peakBytes());
    assertEquals(List.of(device), state.usable());
    assertEquals(List.of(FakeCudaLibraries.kernels()), state.kernels());
    CudaState.Library driver = state.libraries().getFirst();
    assertEquals(CudaLibrary.DRIVER, driver.library());
    assertTrue(driver.path().endsWith("libcuda.so.1") && driver.problem() == null, driver::toString);
    assertEquals(Optional.empty(), state.problem());
  }

  @Test
  void shouldSayThatAProcessEndedBadly() {
    Map<String, String> hopeless = Map.of("JAVA_TOOL_OPTIONS", "-XX:NoSuchOption");
    UserException said = assertThrows(UserException.class, () -> CudaProbe.ask(hopeless));
    assertEquals("NVIDIA's libraries: a process that loads them ended with status 1", said.getMessage());
  }

  @Test
  void shouldLoadNothingWhereNoDriverRuns() {
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia/version")), "skipped: a driver runs here");
    CudaState state = CudaProbe.ask();
    assertEquals(new CudaState(false, List.of(), List.of(), null, DeviceKernelImage.architectures()), state);
  }

  @Test
  void shouldMeasureAndGiveBackWhatADeviceHas() {
    try (KilnProcess process = KilnProcess.start(FakeCudaLibraries.variables(), MeasuredProducts.class)) {
      Outcome outcome = process.await().assertOk();
      List<Double> numbers = outcome.out().lines().map(Double::parseDouble).toList();
      assertTrue(numbers.get(0) > 0 && numbers.get(1) > 0 && Double.isFinite(numbers.get(0)), outcome::toString);
      assertEquals(256L << 20, numbers.get(2), "all memory is free again");
    }
  }
}
