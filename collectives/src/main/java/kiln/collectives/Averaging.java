package kiln.collectives;

import java.lang.foreign.MemorySegment;
import kiln.bindings.Region;

/** Averages in place over all ranks. */
record Averaging(Communicator all, Region gradients) implements BucketReducer {
  @Override
  public int numOperations() {
    return 1;
  }

  @Override
  public Collective operation(int number, BucketLayout.Range bucket) {
    MemorySegment slice = bucket.slice(gradients.segment());
    return new Collective.AllReduce(slice, slice, bucket.count(), ElementType.F32, Reduction.AVERAGE);
  }

  @Override
  public Communicator communicator(int number) {
    return all;
  }
}
