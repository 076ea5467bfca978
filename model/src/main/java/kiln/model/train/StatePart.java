package kiln.model.train;

/** The flat regions of a {@link TrainingState} that have a meaning between steps, and so lie in checkpoints. */
public enum StatePart {
  WEIGHTS,
  /** The weights themselves if no average is kept. */
  AVERAGE,
  FIRST_MOMENT,
  SECOND_MOMENT
}
