package kiln.collectives.record;

import kiln.collectives.Collective;

/** What was recorded. The order is that of the numbers in the file. */
public enum OperationKind {
  ALL_REDUCE("allReduce"),
  REDUCE_SCATTER("reduceScatter"),
  ALL_GATHER("allGather"),
  BROADCAST("broadcast"),
  BARRIER("barrier"),
  /** A communicator was made of some ranks. */
  SPLIT("split");

  private final String title;

  OperationKind(String title) {
    this.title = title;
  }

  /** As {@link Collective#name}. */
  public String title() {
    return title;
  }
}
