package kiln.launcher.control;

import kiln.bindings.UserException;

/** Rank 0 has hung up before it has said whether it takes this rank: strangers may have thronged its door. */
final class HungUpException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient UserException refusal;

  /**
   * @param refusal what the user is told if it stays so
   */
  HungUpException(UserException refusal) {
    super(refusal);
    this.refusal = refusal;
  }

  UserException refusal() {
    return refusal;
  }
}
