package kiln.data.source;

import kiln.data.Sample;

/** A sample that has yet to be decoded or drawn, which may happen on any thread. */
@FunctionalInterface
public interface Draft {
  /**
   * @throws UnusableException if there is nothing to be had; it is counted and the next draft goes on
   */
  Sample make() throws UnusableException;
}
