package kiln.launcher.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a run reads its data.
 *
 * @param follow whether the data set may still be being made: the first epoch is in the order of writing then
 * @param patience how long a step may wait for samples that are still to be written
 * @param stage folder on the node's own disk for copies of what its ranks need; null to read where the data lies
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DataOptions(boolean follow, Duration patience, Path stage) {
  /** A finished data set, read where it lies. */
  public static final DataOptions STANDARD = new DataOptions(false, Duration.ofMinutes(10), null);
}
