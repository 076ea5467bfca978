package kiln.data.source;

import java.util.Iterator;
import java.util.Map;
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

  /** How many drafts {@link #drafts} gives. */
  long count(Split split);

  /** In the order in which they are stored. The iterator is read by one thread, the drafts are made by many. */
  Iterator<Draft> drafts(Split split, SkipReport skips);
}
