package kiln.launcher.doctor;

import static kiln.launcher.doctor.MadeUpMachine.assertFinding;
import static kiln.launcher.doctor.MadeUpMachine.find;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaLibrary;
import kiln.launcher.backend.CudaState;
import kiln.launcher.backend.CudaStates;
import kiln.launcher.doctor.Finding.State;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaFindingsTest {
  private static final String VERDICT = "--backend cuda";

  @TempDir Path folder;
  private MadeUpMachine made;

  @BeforeEach
  void makeMachine() {
    made = new MadeUpMachine(folder);
  }

  private List<Finding> examine(CudaState state) {
    made.file("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06");
    return new CudaFindings(made.machine(), () -> state).examine();
  }

  @Test
  void shouldLookAtNothingOfNvidiasWhereNoDriverRuns() {
    CudaFindings findings =
        new CudaFindings(made.machine(), () -> {
          throw new AssertionError("libraries were looked at");
        });
    assertEquals(List.of(), findings.examine());
  }

  @Test
  void shouldNameLibrariesDevicesAndKernels() {
    List<Finding> findings = examine(CudaStates.withH200s(2));
    assertFinding(State.FINE, "CUDA 12.8.1, /lib/libcuda.so.1", "", find(findings, "CUDA driver"));
    for (String library : List.of("cuBLASLt", "cuDNN", "NCCL", "NVRTC")) {
      assertFinding(State.FINE, ", /lib/lib", "", find(findings, library));
    }
    String device = "NVIDIA H200, sm_90, 139.8 GiB, 132 multiprocessors, memory 4.92 TB/s at most";
    assertFinding(State.FINE, device, "", find(findings, "GPU 0"));
    assertFinding(State.FINE, device, "", find(findings, "GPU 1"));
    assertFinding(State.FINE, "for sm_80, sm_90, and PTX (compute_80)", "", find(findings, "CUDA kernels"));
    assertFinding(State.FINE, "would work, on 2 GPUs", "", find(findings, VERDICT));
  }

  @Test
  void shouldSayWhatIsMissingAndWhatToDo() {
    List<Finding> findings = examine(CudaStates.without(CudaLibrary.CUDNN, "found no libcudnn.so.9"));
    assertFinding(State.WARNING, "found no libcudnn.so.9", "pip's nvidia-cudnn-cu13, 9.16 or newer", find(findings, "cuDNN"));
    assertFinding(State.WARNING, "would not work: libcudnn: found no", "--backend cpu", find(findings, VERDICT));
    findings = examine(CudaStates.without(CudaLibrary.NCCL, "found no libnccl.so.2"));
    assertFinding(State.ABSENT, "found no libnccl.so.2", "for several GPUs: install NCCL", find(findings, "NCCL"));
    assertFinding(State.FINE, "would work, on one GPU", "", find(findings, VERDICT));
    findings = examine(CudaStates.withoutKernels());
    assertFinding(State.WARNING, "this build has none", "./kiln build", find(findings, "CUDA kernels"));
    assertFinding(State.WARNING, "would not work: this build", "--backend cpu", find(findings, VERDICT));
    findings = examine(CudaStates.with(CudaStates.t4(0), CudaStates.h200(1)));
    assertFinding(State.WARNING, "Tesla T4, sm_75, ", "CUDA_VISIBLE_DEVICES", find(findings, "GPU 0"));
    assertFinding(State.FINE, "would work, on one GPU", "", find(findings, VERDICT));
    findings = examine(CudaStates.with());
    assertFinding(State.WARNING, "would not work: found no device", "--backend cpu", find(findings, VERDICT));
  }

  /** A library that crashes takes only the process with it that was asked. */
  @Test
  void shouldOutliveLibrariesThatCrash() {
    made.file("/proc/driver/nvidia/version", "NVRM version");
    CudaFindings findings =
        new CudaFindings(made.machine(), () -> {
          throw new UserException("NVIDIA's libraries: a process that loads them ended with status 134");
        });
    List<Finding> found = findings.examine();
    assertEquals(1, found.size());
    assertFinding(State.WARNING, "would not work: NVIDIA's libraries: a process", "--backend cpu", found.getFirst());
  }

  @Test
  void shouldFindNothingOfCudaWhereTestsRunWithoutDriver() {
    boolean driver = Machine.here().read("/proc/driver/nvidia/version").isPresent();
    List<String> subjects = new Doctor(folder).examine().stream().map(Finding::subject).toList();
    assertTrue(subjects.contains("GPUs"), subjects::toString);
    assertEquals(driver, subjects.contains(VERDICT), subjects::toString);
  }
}
