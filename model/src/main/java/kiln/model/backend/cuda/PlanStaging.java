package kiln.model.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kiln.bindings.Region;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.model.plan.Buffer;
import kiln.model.plan.Program.Transfer;

/**
 * Brings a plan's inputs to the device and its outputs back. There are two of everything for inputs, so that those of the next run
 * travel, on a stream of their own, while launches still work on those of the last one:
 *
 * <pre>
 *   where the caller has them ─▶ pinned [0|1] ─▶ device [0|1] ─▶ where launches read them
 *           the caller's thread       stream of copies     stream of launches
 * </pre>
 */
final class PlanStaging implements AutoCloseable {
  private static final int SLOTS = 2;
  private static final long ALIGNMENT = 256;

  private final CudaStream launches;
  private final CudaStream copies;
  private final List<Transfer> inputs; // those that change at every run first
  private final List<Transfer> outputs;
  private final long[] inputOffsets;
  private final long[] outputOffsets;
  private final int numChanging;
  private final List<Slot> slots = new ArrayList<>();
  private final Region fetched;
  private final CudaEvent fetchedAll = CudaEvent.forOrder();
  private int next;
  private Slot staged; // with inputs of a run that has not been started
  private boolean stagedAnew;

  private record Slot(Region pinned, Region device, CudaEvent arrived, CudaEvent read) implements AutoCloseable {
    @Override
    public void close() {
      arrived.synchronize();
      read.synchronize();
      arrived.close();
      read.close();
      device.close();
      pinned.close();
    }
  }

  PlanStaging(CudaMemory memory, CudaStream launches, CudaStream copies, List<Transfer> in, List<Transfer> out) {
    this.launches = launches;
    this.copies = copies;
    this.inputs = in.stream().sorted(Comparator.comparing(Transfer::steady)).toList();
    this.outputs = out;
    this.numChanging = (int) inputs.stream().filter(transfer -> !transfer.steady()).count();
    inputOffsets = offsets(inputs);
    outputOffsets = offsets(outputs);
    fetched = CudaMemory.pinned("outputs of a plan", outputOffsets[outputs.size()]);
    for (int i = 0; i < SLOTS && !inputs.isEmpty(); i++) {
      long bytes = inputOffsets[inputs.size()];
      Region pinned = CudaMemory.pinned("inputs of a plan", bytes);
      Slot slot = new Slot(pinned, memory.allocate("inputs", bytes), CudaEvent.forOrder(), CudaEvent.forOrder());
      slot.read.record(launches); // after what allocating has queued
      slot.arrived.record(launches);
      slots.add(slot);
    }
  }

  /** Where each of them starts, and where the last one ends. */
  private static long[] offsets(List<Transfer> transfers) {
    long[] offsets = new long[transfers.size() + 1];
    for (int i = 0; i < transfers.size(); i++) {
      long end = offsets[i] + transfers.get(i).device().type().bytes();
      offsets[i + 1] = Math.ceilDiv(end, ALIGNMENT) * ALIGNMENT;
    }
    return offsets;
  }

  /** Sets out with the inputs of the next run, the steady ones too if {@code anew}; the caller may change them when this returns. */
  void stage(boolean anew) {
    int count = anew ? inputs.size() : numChanging;
    if (count == 0) {
      return;
    }
    Slot slot = slots.get(next);
    slot.arrived.synchronize();
    for (int i = 0; i < count; i++) {
      MemorySegment from = inputs.get(i).host().segment();
      if (!DeviceMemory.isDevice(from)) {
        slot.pinned.slice(inputOffsets[i], from.byteSize()).copyFrom(from);
      }
    }
    copies.waitFor(slot.read);
    long bytes = inputOffsets[count];
    copies.copyToDevice(slot.pinned.slice(0, bytes), DeviceMemory.of(slot.device.slice(0, bytes)));
    slot.arrived.record(copies);
    staged = slot;
    stagedAnew = anew;
  }

  /** Queues, before launches, what puts the inputs of a run where these read them. */
  void deliver(boolean anew) {
    if (staged == null || anew && !stagedAnew) {
      stage(anew);
    }
    if (staged == null) {
      return;
    }
    launches.waitFor(staged.arrived);
    for (int i = 0; i < (stagedAnew ? inputs.size() : numChanging); i++) {
      Buffer host = inputs.get(i).host();
      MemorySegment to = inputs.get(i).device().segment();
      boolean here = DeviceMemory.isDevice(host.segment());
      MemorySegment from = here ? host.segment() : staged.device.slice(inputOffsets[i], to.byteSize());
      launches.copy(DeviceMemory.of(from), DeviceMemory.of(to));
    }
    staged.read.record(launches);
    staged = null;
    next = (next + 1) % SLOTS;
  }

  /** Queues, after launches, what brings the outputs. */
  void collect() {
    for (int i = 0; i < outputs.size(); i++) {
      MemorySegment from = outputs.get(i).device().segment();
      launches.copyToHost(DeviceMemory.of(from), fetched.slice(outputOffsets[i], from.byteSize()));
    }
    fetchedAll.record(launches);
  }

  /** Returns when outputs are where the caller has them. */
  void await() {
    fetchedAll.synchronize();
    for (int i = 0; i < outputs.size(); i++) {
      MemorySegment to = outputs.get(i).host().segment();
      to.copyFrom(fetched.slice(outputOffsets[i], to.byteSize()));
    }
  }

  @Override
  public void close() {
    launches.synchronize();
    slots.forEach(Slot::close);
    fetchedAll.close();
    fetched.close();
  }
}
