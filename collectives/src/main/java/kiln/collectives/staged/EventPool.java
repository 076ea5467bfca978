package kiln.collectives.staged;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.cuda.CudaEvent;

/** Events that operations use again. */
final class EventPool implements AutoCloseable {
  // Guarded by this.
  private final ArrayDeque<CudaEvent> unused = new ArrayDeque<>();
  private final List<CudaEvent> all = new ArrayList<>();

  synchronized CudaEvent take() {
    if (unused.isEmpty()) {
      CudaEvent made = CudaEvent.forOrder();
      all.add(made);
      return made;
    }
    return unused.pop();
  }

  synchronized void giveBack(CudaEvent event) {
    unused.push(event);
  }

  @Override
  public synchronized void close() {
    all.forEach(CudaEvent::close);
    all.clear();
    unused.clear();
  }
}
