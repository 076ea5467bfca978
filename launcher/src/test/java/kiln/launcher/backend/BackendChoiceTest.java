package kiln.launcher.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaLibrary;
import kiln.launcher.preset.PresetJson;
import org.junit.jupiter.api.Test;

class BackendChoiceTest {
  private static BackendChoice choice(String name, Integer device) {
    return BackendChoice.parse(name, device, false);
  }

  private static void assertRefused(String line, CudaState state, String name, Integer device) {
    UserException refused =
        assertThrows(UserException.class, () -> choice(name, device).resolve(() -> state));
    assertTrue(refused.getMessage().contains(line), refused::getMessage);
    assertFalse(refused.getMessage().contains("\n"), refused::getMessage);
  }

  @Test
  void shouldComputeOnProcessorsWhereNoDriverRuns() {
    BackendChoice.Resolved resolved = BackendChoice.AUTO.resolve(CudaStates::noDriver);
    assertEquals("backend cpu: no NVIDIA driver runs", resolved.line());
    assertEquals(BackendChoice.CPU, resolved.choice());
    assertEquals(0, resolved.gpus());
    assertFalse(resolved.wasted());
  }

  @Test
  void shouldComputeOnGpusWhereTheyCanBeUsed() {
    BackendChoice.Resolved resolved = BackendChoice.AUTO.resolve(() -> CudaStates.withH200s(8));
    assertEquals("backend cuda: 8 × NVIDIA H200 (sm_90, 139.8 GiB)", resolved.line());
    assertEquals(8, resolved.gpus());
    CudaState mixed = CudaStates.with(CudaStates.t4(0), CudaStates.h200(1));
    assertEquals("backend cuda: NVIDIA H200 (sm_90, 139.8 GiB)", BackendChoice.AUTO.resolve(() -> mixed).line());
  }

  @Test
  void shouldSayThatGpusAreWasted() {
    CudaState state = CudaStates.without(CudaLibrary.CUDNN, "found no libcudnn.so.9");
    BackendChoice.Resolved resolved = BackendChoice.AUTO.resolve(() -> state);
    assertEquals("backend cpu: libcudnn: found no libcudnn.so.9", resolved.line());
    assertTrue(resolved.wasted());
  }

  @Test
  void shouldNotLookAtGpusThatNobodyAsksFor() {
    for (String name : new String[] {"cpu", "reference"}) {
      BackendChoice asked = choice(name, null);
      assertEquals(asked, asked.resolve(() -> {
        throw new AssertionError("looked at GPUs");
      }).choice());
    }
  }

  @Test
  void shouldSayInOneLineWhyCudaCannotBeUsed() {
    assertRefused("option --backend: cuda: no NVIDIA driver runs", CudaStates.noDriver(), "cuda", null);
    String old = "found version 12.4 (/lib/libcuda.so.1), expected 12.8 or newer";
    assertRefused("cuda: libcuda: " + old, CudaStates.without(CudaLibrary.DRIVER, old), "cuda", null);
    assertRefused("cuda: libcublasLt: absent", CudaStates.without(CudaLibrary.CUBLASLT, "absent"), "CUDA", null);
    assertRefused("found no device, expected at least one (CUDA_VISIBLE_DEVICES", CudaStates.with(), "cuda", null);
    assertRefused("device 0 (Tesla T4): found sm_75", CudaStates.with(CudaStates.t4(0)), "cuda", null);
    assertRefused("this build of Kiln has no CUDA kernels", CudaStates.withoutKernels(), "cuda", null);
    String failure = "libcuda: cuInit failed with status=803";
    assertRefused("option --backend: cuda: " + failure, CudaStates.failing(failure), "cuda", null);
    assertTrue(CudaStates.without(CudaLibrary.NCCL, "absent").problem().isEmpty(), "one GPU needs no NCCL");
  }

  @Test
  void shouldRefuseDevicesThatAreNotThere() {
    assertRefused("option --device: expected 0, the only one, found 1", CudaStates.withH200s(1), "auto", 1);
    assertRefused("option --device: expected 0 to 7, found 8", CudaStates.withH200s(8), "cuda", 8);
    CudaState mixed = CudaStates.with(CudaStates.t4(0), CudaStates.h200(1));
    assertRefused("option --device: 0 (Tesla T4): found sm_75", mixed, "cuda", 0);
    assertRefused("no NVIDIA driver runs", CudaStates.noDriver(), "auto", 0); // a device means cuda
    assertEquals(1, choice("auto", 3).resolve(() -> CudaStates.withH200s(4)).gpus());
  }

  @Test
  void shouldRefuseWhatIsNoBackend() {
    for (String name : new String[] {"gpu", "", "cuda "}) {
      String line = "option --backend: expected auto, cpu, cuda or reference, found " + name;
      assertEquals(line, assertThrows(UserException.class, () -> choice(name, null)).getMessage());
    }
    String none = assertThrows(UserException.class, () -> choice("cpu", 0)).getMessage();
    assertEquals("option --device: expected none with --backend cpu, found 0", none);
    assertThrows(UserException.class, () -> choice("cuda", -1));
  }

  @Test
  void shouldRefuseToTuneWhereNothingCanBeChosen() {
    String cpu = assertThrows(UserException.class, () -> BackendChoice.parse("cpu", null, true)).getMessage();
    assertEquals("option --autotune: expected a GPU, found --backend cpu", cpu);
    BackendChoice tuned = BackendChoice.parse("auto", null, true);
    String none = assertThrows(UserException.class, () -> tuned.resolve(CudaStates::noDriver)).getMessage();
    assertEquals("option --autotune: expected a GPU that can be used, found none: no NVIDIA driver runs", none);
    assertTrue(tuned.resolve(() -> CudaStates.withH200s(2)).choice().autotune());
  }

  @Test
  void shouldLetRanksTakeTurns() {
    CudaState state = CudaStates.with(CudaStates.h200(0), CudaStates.t4(1), CudaStates.h200(2));
    int[] expected = {0, 2, 0, 2};
    for (int rank = 0; rank < expected.length; rank++) {
      assertEquals(expected[rank], state.device(OptionalInt.empty(), rank).index());
      assertEquals(2, state.device(OptionalInt.of(2), rank).index());
    }
  }

  @Test
  void shouldReachRanksAsItIs() {
    for (BackendChoice one :
        List.of(BackendChoice.CPU, choice("cuda", 3), choice("reference", null), BackendChoice.parse("cuda", null, true))) {
      assertEquals(one, PresetJson.MAPPER.readValue(PresetJson.MAPPER.writeValueAsString(one), BackendChoice.class));
    }
  }
}
