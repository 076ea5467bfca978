package kiln.model.train;

import java.lang.foreign.MemorySegment;

/**
 * Where the samples of one forward and backward lie: slices of mapped memory, read in place.
 *
 * @param pixels uint8 [samples, height, width, 3]
 * @param ids int32 [samples, captionLength]
 * @param mask int32 [samples, captionLength], 1 up to and including the end token
 * @param sampleIds int64 [samples], what the random numbers of each sample are keyed by
 */
public record MicroBatch(
    BatchShape shape, MemorySegment pixels, MemorySegment ids, MemorySegment mask, MemorySegment sampleIds) {
  public MicroBatch {
    if (sampleIds.byteSize() != (long) shape.samples() * Long.BYTES) {
      throw new IllegalArgumentException(shape + ": found " + sampleIds.byteSize() + " bytes of sample ids");
    }
  }
}
