package kiln.launcher.explain;

import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.backend.CudaState;
import kiln.launcher.backend.GpuCard;
import kiln.launcher.preset.Near;
import kiln.model.graph.DType;

/** What something is explained for: this machine's processors, one of its GPUs, or a GPU that need not be here. */
public final class ExplainedMachine {
  private final BackendChoice choice; // null with a card
  private final CudaState.Device device; // null without a GPU of this machine
  private final GpuCard card; // null without a card

  private ExplainedMachine(BackendChoice choice, CudaState.Device device, GpuCard card) {
    this.choice = choice;
    this.device = device;
    this.card = card;
  }

  /**
   * @param card the name of a GPU; null for what is here
   * @throws UserException if there is no such card, or cuda is asked for and cannot be used here
   */
  public static ExplainedMachine of(BackendChoice backend, String card) {
    if (card == null) {
      return here(backend);
    }
    if (backend.device() != null || (backend.kind() != null && backend.kind() != BackendKind.CUDA)) {
      String found = backend.device() != null ? "--device " + backend.device() : "--backend " + backend.kind();
      throw new UserException("option --card: expected no backend but cuda and no device with it, found " + found);
    }
    if (backend.autotune()) {
      throw new UserException("option --autotune: expected a GPU that is here, found --card " + card);
    }
    GpuCard known =
        GpuCard.of(card)
            .orElseThrow(() -> new UserException("option --card: unknown GPU " + card + Near.hint(card, GpuCard.names())));
    return new ExplainedMachine(null, null, known);
  }

  private static ExplainedMachine here(BackendChoice backend) {
    try {
      BackendChoice choice = backend.resolve().choice();
      return new ExplainedMachine(choice, choice.kind() == BackendKind.CUDA ? choice.gpu(0) : null, null);
    } catch (UserException e) {
      throw new UserException(e.getMessage() + "; --card NAME plans for a GPU that is not here", e);
    }
  }

  /** Whether processors compute. */
  public boolean isProcessor() {
    return device == null && card == null;
  }

  /** Of the GPU. */
  public String name() {
    return card != null ? card.card() : device.name();
  }

  /** Of the GPU's memory. */
  public long bytes() {
    return card != null ? card.bytes() : device.bytes();
  }

  public Planner planner(DType compute) {
    return card != null ? Planner.ofAbsentDevice(compute) : Planner.of(choice);
  }

  /** What it can do; what is here is measured, which takes some seconds. */
  public MachinePeaks peaks(DType type) {
    if (card != null) {
      return MachinePeaks.of(card, type);
    }
    return device != null ? MachinePeaks.measure(device, type) : MachinePeaks.measure(type);
  }
}
