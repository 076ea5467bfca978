package kiln.model.backend.cuda;

import java.util.List;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaGraph;
import kiln.bindings.cuda.CudaStream;
import kiln.model.plan.Launch;

/**
 * Launches between two points at which the host has something to do. They are queued one by one the first time, when libraries still
 * load kernels and take memory, recorded the second time, and from then on replayed as one graph.
 */
final class Stretch implements AutoCloseable {
  private enum State {
    NEW,
    RUN_ONCE,
    RECORDED,
    ONE_BY_ONE
  }

  private final CudaStream stream;
  private final Launch[] kernels;
  private final Launch[] onHost;
  private State state;
  private CudaGraph graph;
  private String refusal; // why it cannot be recorded

  /**
   * @param kernels to queue
   * @param onHost to run when they are queued
   * @param records whether to make a graph of them
   */
  Stretch(CudaStream stream, List<Launch> kernels, List<Launch> onHost, boolean records) {
    this.stream = stream;
    this.kernels = kernels.toArray(Launch[]::new);
    this.onHost = onHost.toArray(Launch[]::new);
    this.state = records && !kernels.isEmpty() ? State.NEW : State.ONE_BY_ONE;
  }

  void run() {
    if (state == State.RUN_ONCE) {
      record();
    }
    if (state == State.RECORDED) {
      graph.launch(stream);
    } else {
      queue();
    }
    if (state == State.NEW) {
      state = State.RUN_ONCE;
    }
    for (Launch launch : onHost) {
      launch.run();
    }
  }

  private void queue() {
    for (Launch kernel : kernels) {
      kernel.run();
    }
  }

  private void record() {
    try {
      graph = CudaGraph.capture(stream, this::queue);
      graph.upload(stream);
      state = State.RECORDED;
    } catch (NativeException e) {
      refusal = e.getMessage();
      state = State.ONE_BY_ONE;
    }
  }

  /** Pieces of work of the graph; 0 if there is none. */
  long numNodes() {
    return graph == null ? 0 : graph.numNodes();
  }

  /** Why launches are queued one by one although they should be recorded; null if they are not. */
  String refusal() {
    return refusal;
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
  }
}
