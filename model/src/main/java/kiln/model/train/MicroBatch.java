package kiln.model.train;

import java.lang.foreign.MemorySegment;

/**
 * Where the samples of one forward and backward lie: slices of mapped memory, read in place.
 *
 * @param pixels uint8 [samples, height, width, 3]; {@link MemorySegment#NULL} if the samples are encoded
 * @param ids int32 [samples, captionLength]
 * @param mask int32 [samples, captionLength], 1 up to and including the end token
 * @param sampleIds int64 [samples], what the random numbers of each sample are keyed by
 * @param encoded what frozen networks have made of the samples before; null if they have not
 */
public record MicroBatch(
    BatchShape shape,
    MemorySegment pixels,
    MemorySegment ids,
    MemorySegment mask,
    MemorySegment sampleIds,
    EncodedSamples encoded) {
  public MicroBatch {
    if (sampleIds.byteSize() != (long) shape.samples() * Long.BYTES) {
      throw new IllegalArgumentException(shape + ": found " + sampleIds.byteSize() + " bytes of sample ids");
    }
  }

  /** Samples of pixels. */
  public MicroBatch(
      BatchShape shape, MemorySegment pixels, MemorySegment ids, MemorySegment mask, MemorySegment sampleIds) {
    this(shape, pixels, ids, mask, sampleIds, null);
  }
}
