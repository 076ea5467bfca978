package kiln.launcher.show;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.data.queue.Manifest;
import kiln.data.show.BucketUse;
import kiln.data.show.DatasetStatistics;
import kiln.data.show.Lengths;
import kiln.data.show.VisibleText;

/** The parts of a report about a data set, those that have something to say. */
public final class Sections {
  private final Facts facts;
  private final DatasetStatistics statistics;
  private final List<Section> sections = new ArrayList<>();

  private Sections(Facts facts) {
    this.facts = facts;
    this.statistics = facts.statistics();
  }

  /** In the order in which they are read. */
  public static List<Section> of(Facts facts) {
    Sections all = new Sections(facts);
    all.addSplits();
    all.addBuckets();
    all.addSizes();
    all.addLengths("bytes", "Caption lengths in bytes", all.statistics.captions().bytes());
    all.addLengths("characters", "Caption lengths in characters", all.statistics.captions().characters());
    all.addLanguages();
    all.addScripts();
    all.sections.add(Findings.section(facts));
    all.addSkipped();
    all.addTruths();
    all.addSettings();
    all.sections.addAll(Notes.sections(facts.manifest().notes()));
    return all.sections;
  }

  private void addSplits() {
    ReportTable table =
        new ReportTable().text("split").number("samples").number("repeated").number("blocks").number("bytes on disk");
    facts.manifest().splits().forEach(
        (name, c) ->
            table.row(
                name, c.samples(), c.repeated(), c.blocks(), c.files().values().stream().mapToLong(Long::longValue).sum()));
    sections.add(
        Section.of(
            "splits", "Splits", "Repeated samples fill the last block of each bucket; all else here leaves them out.", table));
  }

  private void addBuckets() {
    ReportTable table =
        new ReportTable().text("pictures").number("caption tokens").number("samples").share("of all").number("repeated")
            .number("blocks").share("padding").number("captions cut");
    for (BucketUse use : statistics.buckets()) {
      table.row(
          use.size(), use.captionLength(), use.samples(), share(use.samples()), use.repeated(), use.blocks(), use.padding(),
          use.cut());
    }
    String remark =
        "Height × width in pixels. Padding is the share of caption places that hold no token: "
            + ReportTable.percent(statistics.padding()) + " of all. A cut caption is longer than its bucket.";
    sections.add(Section.of("buckets", "Buckets of " + statistics.split(), remark, table));
  }

  private void addSizes() {
    record Size(int height, int width) {}
    Map<Size, Long> samples = new LinkedHashMap<>();
    for (BucketUse use : statistics.buckets()) {
      samples.merge(new Size(use.height(), use.width()), use.samples(), Long::sum);
    }
    ReportTable table =
        new ReportTable().text("pictures").number("width : height").number("pixels").number("samples").share("of all");
    List<Section.Shape> shapes = new ArrayList<>();
    samples.entrySet().stream()
        .sorted(Map.Entry.<Size, Long>comparingByValue().reversed())
        .forEach(
            entry -> {
              Size size = entry.getKey();
              table.row(
                  size.height() + "x" + size.width(), (double) size.width() / size.height(),
                  (long) size.height() * size.width(), entry.getValue(), share(entry.getValue()));
              shapes.add(new Section.Shape(size.height(), size.width(), share(entry.getValue())));
            });
    sections.add(Section.of("sizes", "Picture sizes", "", table).with(new Section.Shapes(shapes)));
  }

  private void addLengths(String id, String title, Lengths lengths) {
    ReportTable figures =
        new ReportTable().number("shortest").number("median").number("mean").number("90 % up to").number("99 % up to")
            .number("longest");
    figures.row(
        lengths.least(), lengths.median(), Math.round(10 * lengths.mean()) / 10.0, lengths.p90(), lengths.p99(),
        lengths.most());
    ReportTable bins = new ReportTable().text(id).number("captions").share("of all");
    for (Lengths.Bin bin : lengths.bins()) {
      if (bin.count() > 0) {
        bins.row(range(bin), bin.count(), share(bin.count()));
      }
    }
    String remark = id.equals("characters") ? "Unicode code points." : "UTF-8; the tokens of a caption are these and an end.";
    sections.add(
        new Section(
            id,
            title,
            remark,
            List.of(new Section.Titled("", figures), new Section.Titled("Captions by length", bins)),
            new Section.Histogram(lengths, id)));
  }

  static String range(Lengths.Bin bin) {
    return bin.from() == bin.to() ? Long.toString(bin.from()) : bin.from() + " to " + bin.to();
  }

  private void addLanguages() {
    Map<String, Long> languages = statistics.truths().languages();
    if (!languages.isEmpty()) {
      ReportTable table = new ReportTable().text("language").text("in English").number("samples").share("of all");
      languages.forEach((code, n) -> table.row(VisibleText.line(code), VisibleText.line(inEnglish(code)), n, share(n)));
      sections.add(Section.of("languages", "Languages", "As the truths name them.", table));
    }
  }

  /** {@code German} for {@code de}; nothing if it is no code that is known. */
  private static String inEnglish(String code) {
    String name = Locale.forLanguageTag(code.replace('_', '-')).getDisplayName(Locale.ENGLISH);
    return name.equalsIgnoreCase(code) ? "" : name;
  }

  private void addScripts() {
    ReportTable table = new ReportTable().text("script").number("captions").share("of all").number("characters");
    statistics.captions().scripts().forEach(
        script -> table.row(script.name(), script.captions(), share(script.captions()), script.characters()));
    String remark =
        "Unicode scripts; a caption counts for each that it has letters of. Common is what all scripts share: digits, spaces,"
            + " punctuation. Its captions have nothing else.";
    sections.add(Section.of("scripts", "Scripts of the captions", remark, table));
  }

  private void addSkipped() {
    if (facts.manifest().skipped().isEmpty()) {
      return;
    }
    ReportTable table = new ReportTable().text("reason").number("left out").text("for example");
    for (Manifest.Skipped skipped : facts.manifest().skipped()) {
      String reason = VisibleText.line(skipped.reason());
      Object count = skipped.count();
      if (skipped.examples().isEmpty()) {
        table.row(reason, count, "");
      }
      for (String example : skipped.examples()) {
        table.row(reason, count, VisibleText.line(example));
        reason = "";
        count = "";
      }
    }
    sections.add(Section.of("skipped", "Left out", "Input that did not become samples, of all splits.", table));
  }

  private void addTruths() {
    if (!statistics.truths().fields().isEmpty()) {
      sections.add(Section.of("truth", "Fields of the truths", "", counted("field", statistics.truths().fields())));
    }
    if (!statistics.truths().boxes().isEmpty()) {
      ReportTable table = new ReportTable().text("kind").number("boxes");
      statistics.truths().boxes().forEach((kind, count) -> table.row(VisibleText.line(kind), count));
      sections.add(Section.of("boxes", "Boxes in the truths", "", table));
    }
  }

  private void addSettings() {
    ReportTable table = new ReportTable().text("setting").text("value");
    table.row("source", VisibleText.line(facts.manifest().source()));
    table.row("samples per block", facts.manifest().blockSize());
    addSettings("", facts.manifest().settings(), table);
    sections.add(Section.of("settings", "Source and settings", "", table));
  }

  /** Those inside others as {@code outer.inner}. */
  private static void addSettings(String before, Map<?, ?> settings, ReportTable table) {
    settings.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> inner && !inner.isEmpty() && before.length() < 200) {
            addSettings(before + name + ".", inner, table);
          } else {
            table.row(VisibleText.line(before + name), Notes.inline(value));
          }
        });
  }

  private ReportTable counted(String heading, Map<String, Long> counts) {
    ReportTable table = new ReportTable().text(heading).number("samples").share("of all");
    counts.forEach((name, count) -> table.row(VisibleText.line(name), count, share(count)));
    return table;
  }

  private double share(long samples) {
    return statistics.samples() == 0 ? 0 : (double) samples / statistics.samples();
  }
}
