package kiln.launcher.parallel;

import com.fasterxml.jackson.annotation.JsonInclude;
import kiln.launcher.transport.TransportKind;

/**
 * How gradients are to go from rank to rank.
 *
 * @param bucketBytes the most that goes in one operation, unless a parameter is larger; null for what fits the network that is
 *     found
 * @param wire type on the way
 * @param overlaps whether they go while backward is still running
 * @param transport what carries them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GradientOptions(Long bucketBytes, WireType wire, boolean overlaps, TransportKind transport) {
  /** Buckets that fit the network, float32, beside backward. */
  public static final GradientOptions STANDARD = new GradientOptions(null, WireType.FLOAT32, true);

  /** Over whatever transport is the fastest. */
  public GradientOptions(Long bucketBytes, WireType wire, boolean overlaps) {
    this(bucketBytes, wire, overlaps, TransportKind.AUTO);
  }

  /** The same, with buckets of so many bytes. */
  public GradientOptions withBucketBytes(long bytes) {
    return new GradientOptions(bytes, wire, overlaps, transport);
  }
}
