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
  /** A buffer in the role of an argument such as {@link Onednn#ARG_SRC}. */
  record Argument(int role, Buffer buffer) {}

  private final OnednnPrimitive primitive;
  private final Buffer[] buffers;

  /** Takes what the primitive needs of scratch memory, besides {@code arguments}. Does not keep the descriptor. */
  DnnlLaunch(OnednnPrimitiveDescriptor descriptor, Scratch scratch, Argument... arguments) {
    long scratchBytes = descriptor.scratchBytes();
    int numArguments = arguments.length + (scratchBytes > 0 ? 1 : 0);
    int[] roles = new int[numArguments];
    buffers = new Buffer[numArguments];
    for (int i = 0; i < arguments.length; i++) {
      roles[i] = arguments[i].role;
      buffers[i] = arguments[i].buffer;
    }
    if (scratchBytes > 0) {
      roles[arguments.length] = Onednn.ARG_SCRATCHPAD;
      buffers[arguments.length] = scratch.reserve(scratchBytes);
    }
    primitive = new OnednnPrimitive(descriptor, roles);
  }

  @Override
  public void run() {
    for (int i = 0; i < buffers.length; i++) {
      primitive.place(i, buffers[i].segment());
    }
    primitive.execute();
  }

  @Override
  public void close() {
    primitive.close();
  }

  /** Launches one after another, as one. */
  static Launch sequence(List<Launch> launches) {
    if (launches.size() == 1) {
      return launches.getFirst();
    }
    Launch[] steps = launches.toArray(Launch[]::new);
    return new Launch() {
      @Override
      public void run() {
        for (Launch step : steps) {
          step.run();
        }
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
