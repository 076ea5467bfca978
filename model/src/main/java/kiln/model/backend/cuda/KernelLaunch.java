package kiln.model.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.bindings.KernelCall;
import kiln.bindings.cuda.DeviceMemory;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** A kernel and the buffers that its addresses come from, which may be bound anew between runs. */
final class KernelLaunch implements Launch {
  /** A place inside a buffer. */
  record At(Buffer buffer, long offset) {
    long address() {
      return buffer.segment().address() + offset;
    }

    /** From there to the buffer's end. */
    DeviceMemory memory() {
      return new DeviceMemory(address(), buffer.segment().byteSize() - offset);
    }
  }

  private final DeviceKernels kernels;
  private final Arena arena = Arena.ofShared();
  private final KernelCall call;
  private final int[] addressed;
  private final Buffer[] buffers;
  private final long[] offsets;

  /**
   * @param items how much work there is, in what the kernel counts
   * @param arguments as {@link KernelCall} takes them, or a {@link Buffer} or {@link At} for an address
   */
  KernelLaunch(DeviceKernels kernels, DeviceKernel kernel, long items, Object... arguments) {
    this.kernels = kernels;
    List<Integer> indices = new ArrayList<>();
    List<At> places = new ArrayList<>();
    Object[] values = arguments.clone();
    for (int i = 0; i < values.length; i++) {
      At place = values[i] instanceof Buffer buffer ? new At(buffer, 0) : values[i] instanceof At at ? at : null;
      if (place != null) {
        indices.add(i);
        places.add(place);
        values[i] = MemorySegment.NULL;
      }
    }
    call = new KernelCall(arena, kernel, items, values);
    addressed = indices.stream().mapToInt(Integer::intValue).toArray();
    buffers = places.stream().map(At::buffer).toArray(Buffer[]::new);
    offsets = places.stream().mapToLong(At::offset).toArray();
  }

  /** One after the other. */
  static Launch inOrder(List<Launch> launches) {
    if (launches.size() == 1) {
      return launches.getFirst();
    }
    Launch[] all = launches.toArray(Launch[]::new);
    return new Launch() {
      @Override
      public void run() {
        for (Launch launch : all) {
          launch.run();
        }
      }

      @Override
      public long keptBytes() {
        return launches.stream().mapToLong(Launch::keptBytes).sum();
      }

      @Override
      public String toString() {
        return launches.stream().map(Launch::toString).collect(Collectors.joining("; "));
      }

      @Override
      public void close() {
        for (Launch launch : all) {
          launch.close();
        }
      }
    };
  }

  @Override
  public void run() {
    for (int i = 0; i < addressed.length; i++) {
      call.setAddress(addressed[i], buffers[i].segment().address() + offsets[i]);
    }
    kernels.launch(call);
  }

  @Override
  public String toString() {
    return call.kernel().symbol();
  }

  @Override
  public void close() {
    arena.close();
  }
}
