package kiln.data.prepare;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import kiln.data.Bucket;

/** {@link BucketWaste} by bucket, gathered while many threads prepare samples. */
public final class WasteTable {
  /** The name of its rows among a data set's notes. */
  public static final String NOTE = "waste";

  private final Map<Bucket, BucketWaste> rows = new HashMap<>();

  WasteTable() {}

  /** The rows of a data set's note, by bucket; empty if it is none. */
  public static Map<String, BucketWaste> rows(Object note) {
    Map<String, BucketWaste> rows = new LinkedHashMap<>();
    if (note instanceof Map<?, ?> buckets) {
      buckets.forEach((bucket, numbers) -> {
        if (numbers instanceof Map<?, ?> row) {
          rows.put(bucket.toString(), BucketWaste.of(row));
        }
      });
    }
    return rows;
  }

  synchronized void add(Bucket bucket, BucketWaste waste) {
    rows.merge(bucket, waste, BucketWaste::plus);
  }

  synchronized void clear() {
    rows.clear();
  }

  /** Numbers by bucket, the fullest first. */
  synchronized Map<String, Map<String, Long>> note() {
    Comparator<Map.Entry<Bucket, BucketWaste>> fullest =
        Comparator.<Map.Entry<Bucket, BucketWaste>>comparingLong(row -> row.getValue().samples())
            .reversed()
            .thenComparing(row -> row.getKey().toString());
    Map<String, Map<String, Long>> note = new LinkedHashMap<>();
    rows.entrySet().stream().sorted(fullest).forEach(row -> note.put(row.getKey().toString(), row.getValue().numbers()));
    return note;
  }
}
