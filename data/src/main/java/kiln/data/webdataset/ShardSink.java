package kiln.data.webdataset;

import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;

/** Takes what a shard holds, in its order. */
interface ShardSink {
  void sample(RawSample sample) throws InterruptedException;

  void leftOut(UnusableException unusable) throws InterruptedException;
}
