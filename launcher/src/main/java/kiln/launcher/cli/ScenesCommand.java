package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.data.BucketTable;
import kiln.data.scenes.PhotoPool;
import kiln.data.scenes.SceneLayout;
import kiln.data.scenes.SceneOptions;
import kiln.data.scenes.SceneSource;
import kiln.data.stamps.StampsSource;
import kiln.data.typeset.Language;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data scenes}. */
@Command(
    name = "scenes",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Draws text of fifteen languages in lines, curves and columns on colours, textures and photographs.",
      "",
      "Fonts are those of the machine and of the Debian packages fonts-noto-core and fonts-noto-cjk (69 MB), which are fetched"
          + " with apt-get download into a cache unless they are installed. The truth holds the text and the boxes of its ink:"
          + " characters, words, lines."
    })
final class ScenesCommand implements Runnable {
  private static final String AUTO = "auto";
  private static final String NONE = "none";
  private static final String STAMPS = "stamps";

  @Mixin private BuildMixin build;

  @Mixin private DrawnMixin drawn;

  @Option(
      names = "--layouts",
      paramLabel = "LAYOUT",
      defaultValue = "word,lines,curve,vertical",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}, with equal chances.")
  private List<SceneLayout> layouts;

  @Option(
      names = "--photos",
      paramLabel = "WHERE",
      defaultValue = AUTO,
      description =
          "Photographs for behind: a folder of .png and .jpg, or 'stamps' (Debian package tuxpaint-stamps-default, 160 MB,"
              + " fetched if need be), 'auto' (the stamps if they are here already), 'none'.")
  private String photos;

  @Option(
      names = "--rotated",
      paramLabel = "SHARE",
      defaultValue = "0.3",
      description = "How often text is turned, by up to 40 degrees.")
  private double rotated;

  @Option(names = "--outlined", paramLabel = "SHARE", defaultValue = "0.2", description = "How often letters have a rim.")
  private double outlined;

  @Option(names = "--shadowed", paramLabel = "SHARE", defaultValue = "0.25", description = "How often they cast a shadow.")
  private double shadowed;

  @Option(
      names = "--textured",
      paramLabel = "SHARE",
      defaultValue = "0.35",
      description = "How often a texture or gradient is behind.")
  private double textured;

  @Option(
      names = "--photographed",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description = "How often a photograph is behind, if there are any.")
  private double photographed;

  @Option(
      names = "--short-captions",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "Share of captions that name the text alone, not how it looks.")
  private double shortCaptions;

  @Option(
      names = "--caption-languages",
      paramLabel = "CODE",
      split = ",",
      description = "What captions are written in, the text's own more often; all that Kiln has captions in if not given.")
  private List<String> captionLanguages = List.of();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    SceneOptions options =
        new SceneOptions(
            drawn.table(spec),
            drawn.count,
            drawn.validationCount,
            drawn.seed,
            layouts,
            drawn.languages(Language.CODES),
            captionLanguages.isEmpty() ? SceneOptions.allCaptionLanguages() : captionLanguages,
            new SceneOptions.Shares(rotated, outlined, shadowed, textured, photographed, shortCaptions),
            drawn.holdoutFonts());
    PhotoPool pool = pool(options.buckets());
    build.build(new SceneSource(options, DrawnMixin.fonts(options.languages()), pool), spec.commandLine().getOut());
  }

  private PhotoPool pool(BucketTable buckets) {
    Optional<Path> folder =
        switch (photos) {
          case NONE -> Optional.empty();
          case AUTO -> StampsSource.folderIfHere();
          case STAMPS -> Optional.of(StampsSource.folder(System.err::println));
          default -> Optional.of(Path.of(photos));
        };
    return folder.isEmpty() || photographed == 0 ? PhotoPool.EMPTY : PhotoPool.read(folder.get(), buckets, drawn.seed);
  }
}
