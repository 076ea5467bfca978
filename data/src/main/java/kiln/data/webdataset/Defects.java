package kiln.data.webdataset;

/** What can be wrong with shards and their samples, in the words under which it is counted. */
final class Defects {
  static final String TRUNCATED = "truncated shard";
  static final String DAMAGED = "damaged shard";
  static final String GOES_ON = "shard goes on after its end";
  static final String NO_PICTURE = "no picture";
  static final String TWO_PICTURES = "two pictures";
  static final String TWO_CAPTIONS = "two captions";
  static final String TOO_LARGE = "member too large";
  static final String NO_FILE = "member is no plain file";
  static final String REPEATED = "key repeated in its shard";
  static final String BAD_JSON = "invalid JSON";

  private Defects() {}
}
