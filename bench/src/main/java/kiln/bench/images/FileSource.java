package kiln.bench.images;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;

/** Picture files that are in memory already, all with the same caption. */
record FileSource(List<byte[]> files) implements RawSource {
  private static final byte[] CAPTION = {'p'};

  @Override
  public String name() {
    return "files";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of();
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.of(files.size());
  }

  @Override
  public RawSamples open(SkipReport skips) {
    Iterator<byte[]> iterator = files.iterator();
    return new RawSamples() {
      private int number;

      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public RawSample next() {
        String key = Integer.toString(number++);
        return new RawSample(key, key, RawSample.EncodedPicture.of(iterator.next()), CAPTION, "{}");
      }

      @Override
      public void close() {}
    };
  }
}
