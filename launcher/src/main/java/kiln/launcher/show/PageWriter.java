package kiln.launcher.show;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.show.DatasetStatistics;
import kiln.data.show.SampleChoice;

/**
 * One page about a data set. It needs nothing but itself: no script, no other file; its content security policy lets a browser
 * fetch nothing, run nothing, and show pictures only out of the page.
 */
public final class PageWriter {
  private static final String POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

  /** Sections as wide as the page. */
  private static final Set<String> WIDE = Set.of("buckets", "skipped", "waste");

  /** Longer tables are scrolled. */
  private static final int MOST_ROWS = 24;

  private final Facts facts;
  private final Writer out;

  private PageWriter(Facts facts, Writer out) {
    this.facts = facts;
    this.out = out;
  }

  /**
   * Writes the page beside its place and moves it there when it is complete.
   *
   * @param places samples to show
   * @throws UserException if the file cannot be written
   */
  public static void write(Path file, Facts facts, BatchReader reader, List<SampleChoice.Place> places) {
    Path target = file.toAbsolutePath();
    Path aside = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.getParent());
      try (Writer out = Files.newBufferedWriter(aside, StandardCharsets.UTF_8)) {
        new PageWriter(facts, out).write(reader, places);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  private void write(BatchReader reader, List<SampleChoice.Place> places) throws IOException {
    List<Section> sections = Sections.of(facts);
    writeHead();
    writeHeader(sections);
    for (Section section : sections.stream().filter(s -> WIDE.contains(s.id())).toList()) {
      write(section);
    }
    out.write("<div class=\"columns\">\n");
    for (Section section : sections.stream().filter(s -> !WIDE.contains(s.id())).toList()) {
      write(section);
    }
    out.write("</div>\n");
    out.write("<section id=\"samples\"><h2>Samples</h2>\n");
    out.write(
        Charts.format(
            "<p class=\"remark\">%,d of %,d, spread over the buckets. The end of a caption that its bucket cuts off is struck"
                + " through; what cannot be seen is marked <bdi class=\"mark\">like this</bdi>.</p>\n",
            places.size(), facts.statistics().samples()));
    SampleCards.write(reader, places, out);
    out.write("</section>\n</main>\n</body>\n</html>\n");
  }

  private void writeHead() throws IOException {
    out.write("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.write("<meta http-equiv=\"Content-Security-Policy\" content=\"" + POLICY + "\">\n");
    out.write("<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.write("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
    out.write("<title>" + HtmlText.attribute(facts.folder()) + "</title>\n<style>\n" + style());
    for (int i = 0; i < BoxKinds.COLOURS; i++) {
      out.write("body:has(#show-k" + i + ":not(:checked)) .boxes .k" + i + " { display: none; }\n");
    }
    out.write("</style>\n</head>\n");
  }

  private void writeHeader(List<Section> sections) throws IOException {
    DatasetStatistics statistics = facts.statistics();
    out.write("<body>\n<main>\n<header>\n<h1>" + HtmlText.of(facts.folder()) + "</h1>\n<p class=\"remark\">Data set of ");
    out.write(HtmlText.of(facts.manifest().source()) + ", split " + HtmlText.of(statistics.split()) + "</p>\n");
    out.write("<dl class=\"tiles\">\n");
    tile("samples", statistics.samples());
    tile("buckets", statistics.buckets().size());
    tile("languages", statistics.truths().languages().size());
    tile("scripts", statistics.captions().scripts().size());
    tile("median caption, bytes", statistics.captions().bytes().median());
    tile("padding", ReportTable.percent(statistics.padding()));
    tile("same pictures", statistics.samePictures().looked() == 0 ? "–" : statistics.samePictures().copies());
    tile("left out", facts.manifest().skipped().stream().mapToLong(skipped -> skipped.count()).sum());
    out.write("</dl>\n<nav>");
    for (Section section : sections) {
      out.write("<a href=\"#" + section.id() + "\">" + HtmlText.of(section.title()) + "</a> ");
    }
    out.write("<a href=\"#samples\">Samples</a></nav>\n</header>\n");
  }

  private void tile(String name, Object value) throws IOException {
    String written = ReportTable.written(value, ReportTable.Kind.NUMBER);
    out.write("<div><dt>" + HtmlText.of(name) + "</dt><dd>" + HtmlText.of(written) + "</dd></div>\n");
  }

  private void write(Section section) throws IOException {
    out.write("<section id=\"" + section.id() + "\">\n<h2>" + HtmlText.of(section.title()) + "</h2>\n");
    if (!section.remark().isEmpty()) {
      out.write("<p class=\"remark\">" + HtmlText.of(section.remark()) + "</p>\n");
    }
    out.write(Charts.of(section.chart()));
    for (Section.Titled titled : section.tables()) {
      if (titled.title().isEmpty()) {
        write(titled.table());
      } else {
        out.write("<details><summary>" + HtmlText.of(titled.title()) + "</summary>\n");
        write(titled.table());
        out.write("</details>\n");
      }
    }
    out.write("</section>\n");
  }

  private void write(ReportTable table) throws IOException {
    String style = table.rows().size() > MOST_ROWS ? "long table" : "table";
    out.write("<div class=\"" + style + "\"><table>\n<thead><tr>");
    for (ReportTable.Column column : table.columns()) {
      out.write("<th" + style(column.kind()) + ">" + HtmlText.of(column.heading()) + "</th>");
    }
    out.write("</tr></thead>\n<tbody>\n");
    for (List<Object> row : table.rows()) {
      out.write("<tr>");
      for (int i = 0; i < row.size(); i++) {
        ReportTable.Kind kind = table.columns().get(i).kind();
        String text = HtmlText.of(ReportTable.written(row.get(i), kind));
        out.write("<td" + style(kind) + ">" + (kind == ReportTable.Kind.SHARE ? bar(row.get(i), text) : text) + "</td>");
      }
      out.write("</tr>\n");
    }
    out.write("</tbody>\n</table></div>\n");
  }

  private static String style(ReportTable.Kind kind) {
    return switch (kind) {
      case TEXT -> "";
      case NUMBER -> " class=\"number\"";
      case SHARE -> " class=\"share\"";
    };
  }

  private static String bar(Object cell, String text) {
    return cell instanceof Number share
        ? Charts.format(
            "<i class=\"bar\"><i style=\"width:%.1f%%\"></i></i><span>%s</span>", 100 * share.doubleValue(), text)
        : text;
  }

  private static String style() throws IOException {
    try (InputStream in = PageWriter.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
