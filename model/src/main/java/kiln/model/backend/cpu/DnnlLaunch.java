package kiln.model.backend.cpu;

import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnPrimitive;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** One primitive of oneDNN on its buffers. */
final class DnnlLaunch implements Launch {
  /** A buffer, from byte {@code offset} on, in the role of an argument such as {@link Onednn#ARG_SRC}. */
  record Argument(int role, Buffer buffer, long offset) {
    Argument(int role, Buffer buffer) {
      this(role, buffer, 0);
    }
  }

  private final OnednnPrimitive primitive;
  private final Buffer[] buffers;
  private final long[] offsets;

  /** Does not keep the descriptor. {@code scratchpad} is what {@link #scratchpad} gave for it. */
  DnnlLaunch(OnednnPrimitiveDescriptor descriptor, Buffer scratchpad, Argument... arguments) {
    int numArguments = arguments.length + (scratchpad == null ? 0 : 1);
    int[] roles = new int[numArguments];
    buffers = new Buffer[numArguments];
    offsets = new long[numArguments];
    for (int i = 0; i < arguments.length; i++) {
      roles[i] = arguments[i].role;
      buffers[i] = arguments[i].buffer;
      offsets[i] = arguments[i].offset;
    }
    if (scratchpad != null) {
      roles[arguments.length] = Onednn.ARG_SCRATCHPAD;
      buffers[arguments.length] = scratchpad;
    }
    primitive = new OnednnPrimitive(descriptor, roles);
  }

  /** Takes the scratch memory that {@code descriptor} needs; launches that follow one another can share it. Null for none. */
  static Buffer scratchpad(OnednnPrimitiveDescriptor descriptor, Scratch scratch) {
    long bytes = descriptor.scratchBytes();
    return bytes == 0 ? null : scratch.reserve(bytes);
  }

  @Override
  public void run() {
    for (int i = 0; i < buffers.length; i++) {
      primitive.place(i, buffers[i].segment(), offsets[i]);
    }
    primitive.execute();
  }

  @Override
  public void close() {
    primitive.close();
  }

  /** Launches one after another, as one. */
  static Launch sequence(List<Launch> launches) {
    Launch[] steps = launches.toArray(Launch[]::new);
    return new Launch() {
      @Override
      public void run() {
        for (Launch step : steps) {
          step.run();
        }
      }

      @Override
      public long keptBytes() {
        long bytes = 0;
        for (Launch step : steps) {
          bytes += step.keptBytes();
        }
        return bytes;
      }

      @Override
      public void close() {
        for (Launch step : steps) {
          step.close();
        }
      }
    };
  }
}
