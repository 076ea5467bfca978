package kiln.data.source;

import java.util.Map;
import java.util.OptionalLong;

/** Something that stores captioned pictures as files: shards, tables, folders. Gives the same ones in the same order every time. */
public interface RawSource {
  String name();

  /** Every option that decides what it gives. */
  Map<String, Object> settings();

  /** How many there are, if that is known before they are read. */
  OptionalLong count();

  /**
   * @param skips told of what is left out before it becomes a sample
   */
  RawSamples open(SkipReport skips);
}
