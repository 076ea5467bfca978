package kiln.bench.typography;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.documents.DocumentKind;
import kiln.data.documents.DocumentOptions;
import kiln.data.documents.DocumentSource;
import kiln.data.scenes.PhotoPool;
import kiln.data.scenes.SceneLayout;
import kiln.data.scenes.SceneOptions;
import kiln.data.scenes.SceneSource;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;
import kiln.data.stamps.StampsSource;
import kiln.data.typeset.Language;
import kiln.data.typeset.WritingFonts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln bench typography}. */
@Command(
    name = "typography",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Images per second that one thread composes, draws, describes and writes as bytes: scenes of each layout and of all,"
          + " and documents of a kind.",
      ""
    })
public final class TypographyCommand implements Callable<Integer> {
  private static final int CAPTION = 256;

  @Option(
      names = "--sides",
      paramLabel = "PIXELS",
      split = ",",
      defaultValue = "256",
      description = "Square pictures of these sizes, comma-separated. Default: ${DEFAULT-VALUE}.")
  private List<Integer> sides;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description =
          "Measured for each, after half as long that does not count, and three times as long before the first."
              + " Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--languages",
      paramLabel = "CODE",
      split = ",",
      description = "What scenes are written in, comma-separated. Default: all.")
  private List<String> languages = Language.CODES;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!(seconds > 0 && seconds <= 600)) {
      throw new ParameterException(spec.commandLine(), "option --seconds: expected more than 0, at most 600, found " + seconds);
    }
    PrintStream out = System.out;
    WritingFonts fonts = WritingFonts.ofMachine(languages.stream().map(Language::of).toList(), out::println);
    for (int side : sides) {
      scenes(side, fonts, out);
      documents(side, fonts, out);
    }
    return 0;
  }

  private void scenes(int side, WritingFonts fonts, PrintStream out) {
    SceneOptions options = SceneOptions.defaults(side, CAPTION, Long.MAX_VALUE >> 24, 1);
    PhotoPool photos =
        StampsSource.folderIfHere().map(f -> PhotoPool.read(f, options.buckets(), 1)).orElse(PhotoPool.EMPTY);
    out.println("photographs: " + photos.photos().size());
    List<List<SceneLayout>> sets = new ArrayList<>();
    boolean vertical = fonts.languages().stream().anyMatch(Language::vertical);
    for (SceneLayout layout : SceneLayout.values()) {
      if (vertical || layout != SceneLayout.VERTICAL) {
        sets.add(List.of(layout));
      }
    }
    List<SceneLayout> all = sets.stream().map(List::getFirst).toList();
    sets.add(all);
    warmUp(source(options, all, fonts, photos), side);
    for (List<SceneLayout> layouts : sets) {
      String what = layouts.size() == 1 ? layouts.getFirst().word() : "all layouts";
      report("scenes, " + what, side, source(options, layouts, fonts, photos), out);
    }
  }

  private SceneSource source(SceneOptions options, List<SceneLayout> layouts, WritingFonts fonts, PhotoPool photos) {
    SceneOptions some =
        new SceneOptions(
            options.buckets(),
            options.count(),
            0,
            options.seed(),
            layouts,
            languages,
            options.captionLanguages(),
            options.shares(),
            Optional.empty());
    return new SceneSource(some, fonts, photos);
  }

  /** Until the code is compiled and outlines of glyphs are known. */
  private void warmUp(Source source, int side) {
    try (Drafts drafts = source.drafts(new SkipReport(false));
        Arena arena = Arena.ofConfined()) {
      rate(drafts, arena.allocate(3L * side * side), 3 * seconds);
    }
  }

  private void documents(int side, WritingFonts fonts, PrintStream out) {
    List<String> able = fonts.languages().stream().filter(l -> l.documents().isPresent()).map(Language::code).toList();
    if (able.isEmpty()) {
      return;
    }
    WritingFonts some = fonts.only(able);
    for (DocumentKind kind : DocumentKind.values()) {
      DocumentOptions options =
          new DocumentOptions(
              BucketTable.square(side, CAPTION),
              Long.MAX_VALUE >> 24,
              0,
              1,
              List.of(kind),
              able,
              DocumentOptions.Caption.TEXT,
              0.5,
              Optional.empty());
      report("documents, " + kind.word(), side, new DocumentSource(options, some), out);
    }
  }

  private void report(String what, int side, Source source, PrintStream out) {
    try (Drafts drafts = source.drafts(new SkipReport(false));
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(3L * side * side);
      rate(drafts, target, seconds / 2);
      out.printf(Locale.ROOT, "%-24s %4dx%-4d %7.1f images/s%n", what, side, side, rate(drafts, target, seconds));
    }
  }

  private static double rate(Drafts drafts, MemorySegment target, double seconds) {
    long start = System.nanoTime();
    long end = start + (long) (1e9 * seconds);
    int count = 0;
    do {
      Draft draft = drafts.next();
      try {
        Sample sample = draft.make();
        sample.pixels().writeTo(target);
        count++;
      } catch (UnusableException e) {
        throw new UserException(e.getMessage(), e);
      }
    } while (System.nanoTime() < end);
    return count / ((System.nanoTime() - start) * 1e-9);
  }
}
