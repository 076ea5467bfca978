package kiln.launcher.backend;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/**
 * What a user, or nobody, says of what computes.
 *
 * @param kind null for what is best here: cuda where it can be used, else cpu
 * @param device number of the GPU; null for that of the rank's place among those of its machine
 * @param autotune whether a GPU's kernels are chosen by trying them: {@link kiln.model.backend.cuda.CudaBackend#autotune}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackendChoice(BackendKind kind, Integer device, boolean autotune) {
  /** What is best here. */
  public static final BackendChoice AUTO = new BackendChoice(null, null, false);

  public static final BackendChoice CPU = new BackendChoice(BackendKind.CPU, null, false);

  private static final double GIB = 1L << 30;

  /** Names that a user may give, the one that is meant without any first. */
  public static final List<String> NAMES =
      List.of("auto", BackendKind.CPU.toString(), BackendKind.CUDA.toString(), BackendKind.REFERENCE.toString());

  /**
   * What a choice comes to on a machine.
   *
   * @param choice never auto
   * @param reason why it is that one, in one line: the GPUs, or what keeps them from being used
   * @param gpus how many there are to compute on; 0 if processors compute
   * @param wasted whether there is a driver, but its GPUs cannot be used
   */
  public record Resolved(BackendChoice choice, String reason, int gpus, boolean wasted) {
    /** As in {@code backend cuda: 2 × NVIDIA H200}. */
    public String line() {
      return "backend " + choice.kind() + ": " + reason;
    }
  }

  /**
   * What a user has written; a device alone means cuda.
   *
   * @throws UserException if there is no backend of that name, or it has no devices or nothing to choose from
   */
  public static BackendChoice parse(String name, Integer device, boolean autotune) {
    if (!NAMES.contains(name.toLowerCase(Locale.ROOT))) {
      String known = String.join(", ", NAMES.subList(0, NAMES.size() - 1)) + " or " + NAMES.getLast();
      throw new UserException("option --backend: expected " + known + ", found " + name);
    }
    BackendKind kind =
        Stream.of(BackendKind.values()).filter(k -> k.toString().equalsIgnoreCase(name)).findFirst().orElse(null);
    boolean cuda = kind == null || kind == BackendKind.CUDA;
    if (autotune && !cuda) {
      throw new UserException("option --autotune: expected a GPU, found --backend " + kind);
    }
    if (device == null) {
      return new BackendChoice(kind, null, autotune);
    }
    if (!cuda) {
      throw new UserException("option --device: expected none with --backend " + kind + ", found " + device);
    }
    if (device < 0) {
      throw new UserException("option --device: expected at least 0, found " + device);
    }
    return new BackendChoice(BackendKind.CUDA, device, autotune);
  }

  /**
   * What it comes to on this machine.
   *
   * @throws UserException if it has to be cuda, and that cannot be used here
   */
  public Resolved resolve() {
    return resolve(CudaState::here);
  }

  Resolved resolve(Supplier<CudaState> here) {
    if (kind != null && kind != BackendKind.CUDA) {
      return new Resolved(this, "as asked for", 0, false);
    }
    CudaState state = here.get();
    Optional<String> problem = state.problem();
    if (kind == null && problem.isPresent()) {
      if (autotune) {
        throw new UserException("option --autotune: expected a GPU that can be used, found none: " + problem.get());
      }
      return new Resolved(CPU, problem.get(), 0, state.driver());
    }
    CudaState.Device first = state.device(index(), 0);
    List<CudaState.Device> used = device == null ? state.usable() : List.of(first);
    return new Resolved(new BackendChoice(BackendKind.CUDA, device, autotune), describe(used), used.size(), false);
  }

  private OptionalInt index() {
    return device == null ? OptionalInt.empty() : OptionalInt.of(device);
  }

  /** As in {@code 8 × NVIDIA H200 (sm_90, 139.8 GiB)}. */
  private static String describe(List<CudaState.Device> devices) {
    List<String> texts = new ArrayList<>();
    for (CudaState.Device device : devices) {
      texts.add(String.format(Locale.ROOT, "%s (%s, %.1f GiB)", device.name(), device.architecture(), device.bytes() / GIB));
    }
    return texts.stream()
        .distinct()
        .map(text -> {
          long count = texts.stream().filter(text::equals).count();
          return (count == 1 ? "" : count + " × ") + text;
        })
        .collect(Collectors.joining(", "));
  }

  /**
   * The GPU of a rank.
   *
   * @param localRank place of the rank among those of its machine
   * @throws UserException if it cannot be used
   */
  public CudaState.Device gpu(int localRank) {
    return CudaState.here().device(index(), localRank);
  }
}
