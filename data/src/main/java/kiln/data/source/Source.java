package kiln.data.source;

import java.util.Map;
import java.util.OptionalLong;
import kiln.data.BucketTable;
import kiln.data.queue.Split;

/** Something that gives captioned pictures, the same ones in the same order every time. */
public interface Source {
  String name();

  /** Where its samples go; the pictures it gives have sizes of this table. */
  BucketTable buckets();

  /** Every option that decides what it gives. */
  Map<String, Object> settings();

  /** What is worth telling beside the options, such as the fonts found. */
  Map<String, Object> notes();

  /** How many drafts of a split it gives, if that is known before they are read. */
  OptionalLong count(Split split);

  /** In the order in which they are stored; splits may alternate. The drafts are made by many threads. */
  Drafts drafts(SkipReport skips);
}
