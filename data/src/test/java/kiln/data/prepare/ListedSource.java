package kiln.data.prepare;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;

/** Raw samples that are given. */
record ListedSource(List<RawSample> samples) implements RawSource {
  @Override
  public String name() {
    return "listed";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("samples", samples.size());
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.of(samples.size());
  }

  @Override
  public RawSamples open(SkipReport skips) {
    Iterator<RawSample> iterator = samples.iterator();
    return new RawSamples() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public RawSample next() {
        return iterator.next();
      }

      @Override
      public void close() {}
    };
  }
}
