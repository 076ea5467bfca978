package kiln.model.plan;

import java.util.List;

/**
 * Brings parameters to their places before launches read them and may take them away afterwards, for weights of which only a part
 * is there between uses. Parameters come and go in groups; a plan visits groups, some of them several times.
 */
public interface Residency {
  /**
   * A stretch of a plan in which it reads a group.
   *
   * @param first launch that reads it, in the order of the plan
   * @param last launch that reads it
   */
  record Visit(int group, int first, int last) {}

  /** The group of the parameter of that index in its table. */
  int group(int parameterIndex);

  /**
   * Hears of a plan that is being made, and returns what hears of its runs.
   *
   * @param visits by their first launch
   */
  Visitor plan(List<Visit> visits);

  /** Hears of the runs of a plan, on the thread that runs it. */
  interface Visitor {
    /** Returns when the group of that visit is in place. */
    void enter(int visit);

    /** The group of that visit is not read any more, until the next visit that there is to it. */
    void leave(int visit);
  }
}
