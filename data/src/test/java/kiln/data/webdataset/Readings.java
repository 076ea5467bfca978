package kiln.data.webdataset;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.input.RetryPolicy;
import kiln.data.input.S3Options;
import kiln.data.queue.Manifest;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;

/**
 * What came of shards.
 *
 * @param samples in order
 * @param reasons how often each was counted
 * @param details of all that was left out
 */
record Readings(List<RawSample> samples, Map<String, Long> reasons, List<String> details) {
  static final WebDatasetOptions OPTIONS = options(2, OptionalLong.empty());

  static WebDatasetOptions options(int atOnce, OptionalLong seed) {
    return new WebDatasetOptions(List.of("caption", "text"), 1 << 20, seed, atOnce);
  }

  static InputOptions fast() {
    RetryPolicy retries = new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(2));
    return new InputOptions(retries, Duration.ofSeconds(30), Duration.ofSeconds(30), S3Options.standard());
  }

  static Readings of(WebDatasetOptions options, boolean strict, String... patterns) {
    SkipReport skips = new SkipReport(strict);
    List<RawSample> samples = new ArrayList<>();
    try (Inputs inputs = new Inputs(fast());
        RawSamples opened = new WebDatasetSource(List.of(patterns), options, inputs).open(skips)) {
      opened.forEachRemaining(samples::add);
    }
    Map<String, Long> reasons = new LinkedHashMap<>();
    List<String> details = new ArrayList<>();
    for (Manifest.Skipped skipped : skips.summary()) {
      reasons.put(skipped.reason(), skipped.count());
      details.addAll(skipped.examples());
    }
    return new Readings(samples, reasons, details);
  }

  static Readings of(String... patterns) {
    return of(OPTIONS, false, patterns);
  }

  List<String> keys() {
    return samples.stream().map(RawSample::key).toList();
  }

  /** Caption of each sample, null if it has none. */
  List<String> captions() {
    List<String> captions = new ArrayList<>();
    for (RawSample sample : samples) {
      captions.add(sample.caption() == null ? null : new String(sample.caption(), StandardCharsets.UTF_8));
    }
    return captions;
  }
}
