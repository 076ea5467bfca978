package kiln.data.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.input.Inputs;
import kiln.data.picture.PictureFiles;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pictures of a folder and of those in it, by their paths' order: captions come from {@code metadata.jsonl} or
 * {@code metadata.csv}, as in Hugging Face's imagefolder, or from a {@code .txt} beside the picture. Hidden files are passed over.
 */
public final class ImageFolderSource implements RawSource {
  static final String NOT_THERE = "picture missing";
  static final String TOO_LONG = "caption file too large";

  /** Far more than any bucket holds. */
  private static final int LONGEST_CAPTION = 8 << 20;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Path folder;
  private final ImageFolderOptions options;
  private final Inputs inputs;
  private final TreeSet<String> pictures = new TreeSet<>();
  private final List<Path> metadata = new ArrayList<>();

  /**
   * @param inputs stays open for as long as this is read
   * @throws UserException if there is no such folder, or no picture in it
   */
  public ImageFolderSource(Path folder, ImageFolderOptions options, Inputs inputs) {
    this.folder = folder;
    this.options = options;
    this.inputs = inputs;
    if (!Files.isDirectory(folder)) {
      throw new UserException(folder + ": there is no such folder");
    }
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      files.forEach(this::note);
    } catch (IOException | UncheckedIOException e) {
      throw new UserException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    metadata.sort(null);
    if (pictures.isEmpty() && metadata.isEmpty()) {
      throw new UserException(folder + ": holds no picture (.png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp, .gif) and no metadata");
    }
  }

  private void note(Path file) {
    Path inside = folder.relativize(file);
    for (Path part : inside) {
      if (part.toString().startsWith(".")) {
        return;
      }
    }
    String name = inside.getFileName().toString();
    if (PictureFiles.isPicture(name) && Files.isRegularFile(file)) {
      pictures.add(inside.toString());
    } else if (FolderMetadata.isMetadata(name) && Files.isRegularFile(file)) {
      metadata.add(inside);
    }
  }

  @Override
  public String name() {
    return "folder";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("folder", folder.toString());
    settings.put("captionFields", options.captionFields());
    settings.put("maxPictureBytes", options.maxPictureBytes());
    return settings;
  }

  /** Known if there is no metadata, which may say more than one thing about a picture. */
  @Override
  public OptionalLong count() {
    return metadata.isEmpty() ? OptionalLong.of(pictures.size()) : OptionalLong.empty();
  }

  @Override
  public RawSamples open(SkipReport skips) {
    FolderMetadata about = new FolderMetadata(skips);
    for (Path file : metadata) {
      Path parent = file.getParent() == null ? Path.of("") : file.getParent();
      about.read(inputs.of(folder.toAbsolutePath().resolve(file).toString()), parent);
    }
    TreeSet<String> all = new TreeSet<>(pictures);
    about.rows().forEach(
        (name, rows) -> {
          if (Files.isRegularFile(folder.resolve(name))) {
            all.add(name);
          } else {
            rows.forEach(
                row -> skips.add(new UnusableException(NOT_THERE, row.origin() + ": " + name + ": there is no such file")));
          }
        });
    return new Samples(all.iterator(), about, skips);
  }

  /** One sample of each picture, or of each row about it. */
  private final class Samples implements RawSamples {
    private final Iterator<String> names;
    private final FolderMetadata about;
    private final SkipReport skips;
    private final PictureFiles files = new PictureFiles(folder.toString(), inputs, options.maxPictureBytes());
    private final List<RawSample> ahead = new ArrayList<>();

    Samples(Iterator<String> names, FolderMetadata about, SkipReport skips) {
      this.names = names;
      this.about = about;
      this.skips = skips;
    }

    @Override
    public boolean hasNext() {
      while (ahead.isEmpty() && names.hasNext()) {
        String name = names.next();
        try {
          add(name, about.rows().getOrDefault(name, List.of()));
        } catch (UnusableException e) {
          skips.add(e);
        }
      }
      return !ahead.isEmpty();
    }

    private void add(String name, List<FolderMetadata.Row> rows) throws UnusableException {
      String origin = folder.resolve(name).toString();
      RawSample.EncodedPicture picture = files.picture(name, origin);
      if (rows.isEmpty()) {
        String truth = MAPPER.writeValueAsString(Map.of(FolderMetadata.FILE_NAME, name));
        ahead.add(new RawSample(name, origin, picture, sidecar(name), truth));
      }
      for (int i = 0; i < rows.size(); i++) {
        String key = i == 0 ? name : name + "#" + i;
        byte[] caption = rows.get(i).caption(options.captionFields());
        String truth = MAPPER.writeValueAsString(rows.get(i).fields());
        ahead.add(new RawSample(key, name, origin, picture, caption == null ? sidecar(name) : caption, truth));
      }
    }

    @Override
    public RawSample next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ahead.removeFirst();
    }

    @Override
    public void close() {}
  }

  /** The text file beside a picture, with its name but for the ending; null if there is none. */
  private byte[] sidecar(String picture) throws UnusableException {
    Path file = folder.resolve(picture.replaceFirst("\\.[^./]*$", "") + ".txt");
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try (var stream = Files.newInputStream(file)) {
      byte[] text = stream.readNBytes(LONGEST_CAPTION + 1);
      if (text.length > LONGEST_CAPTION) {
        throw new UnusableException(TOO_LONG, file + ": at most " + LONGEST_CAPTION + " bytes are read");
      }
      return text;
    } catch (IOException e) {
      throw new UnusableException("cannot be read", file + ": cannot be read: " + e.getMessage());
    }
  }
}
