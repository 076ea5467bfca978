package kiln.data.webdataset;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import kiln.data.input.Input;
import kiln.data.input.Inputs;
import kiln.data.input.Locations;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;

/**
 * Tar shards of pictures and captions in the layout of <a href="https://github.com/webdataset/webdataset">webdataset</a>: members
 * that follow each other and share their name up to the first dot are one sample, {@code .png}, {@code .jpg}, {@code .jpeg},
 * {@code .webp}, {@code .tif} or {@code .tiff} its picture, {@code .txt} its caption, {@code .json} what else is known (and the
 * caption, if there is no {@code .txt}). Other members are passed over.
 */
public final class WebDatasetSource implements RawSource {
  private static final List<String> ENDINGS = List.of(".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2");

  private final List<String> patterns;
  private final WebDatasetOptions options;
  private final List<Input> shards = new ArrayList<>();
  private final boolean sameNames;

  /**
   * @param patterns locations, see {@link Locations#expand} and {@link Inputs#of}; a folder stands for its tar files
   * @param inputs stays open for as long as this is read
   * @throws kiln.bindings.UserException if a pattern means nothing
   */
  public WebDatasetSource(List<String> patterns, WebDatasetOptions options, Inputs inputs) {
    this.patterns = List.copyOf(patterns);
    this.options = options;
    for (String location : Locations.expand(patterns, ENDINGS)) {
      shards.add(inputs.of(location));
    }
    options.shuffleSeed().ifPresent(seed -> Collections.shuffle(shards, new SplittableRandom(seed)));
    Set<String> names = new HashSet<>();
    sameNames = !shards.stream().map(shard -> fileName(shard.location())).allMatch(names::add);
  }

  /** Locations of all shards, in the order in which they are read. */
  public List<String> shards() {
    return shards.stream().map(Input::location).toList();
  }

  @Override
  public String name() {
    return "webdataset";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("shards", patterns);
    settings.put("numShards", shards.size());
    settings.put("captionFields", options.captionFields());
    settings.put("maxPictureBytes", options.maxPictureBytes());
    options.shuffleSeed().ifPresent(seed -> settings.put("shuffleShards", seed));
    return settings;
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.empty();
  }

  @Override
  public RawSamples open(SkipReport skips) {
    Iterator<Supplier<ShardAhead>> ahead =
        shards.stream().<Supplier<ShardAhead>>map(shard -> () -> new ShardAhead(shard, prefix(shard), options)).iterator();
    return new WebDatasetSamples(ahead, options.shardsAtOnce(), skips);
  }

  /**
   * Keys are told apart by the shard's file name alone, where that is enough: they stay the same when the shards are moved to
   * another folder or server.
   */
  private String prefix(Input shard) {
    return (sameNames ? shard.location() : fileName(shard.location())) + "/";
  }

  private static String fileName(String location) {
    return location.substring(location.lastIndexOf('/') + 1);
  }
}
