package kiln.model.backend.cuda;

import kiln.bindings.cuda.DeviceMemory;
import kiln.model.backend.cuda.KernelLaunch.At;

/** Where a library's launch has its tensors: it has been told their addresses, and must be told again when one has changed. */
final class Places {
  private final At[] places;
  private final long[] addresses; // at the last look

  Places(At... places) {
    this.places = places.clone();
    addresses = new long[places.length];
  }

  int count() {
    return places.length;
  }

  /** Whether one of them lies elsewhere than when this was last asked. Allocates nothing. */
  boolean haveMoved() {
    boolean moved = false;
    for (int i = 0; i < places.length; i++) {
      long address = places[i].address();
      moved |= address != addresses[i];
      addresses[i] = address;
    }
    return moved;
  }

  DeviceMemory memory(int index) {
    return places[index].memory();
  }
}
