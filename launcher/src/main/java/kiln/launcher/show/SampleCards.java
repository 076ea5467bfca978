package kiln.launcher.show;

import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.show.SampleChoice;
import kiln.data.show.StatisticsReader;
import kiln.data.show.VisibleText;

/** Samples of a page: each its picture with boxes, its caption and its truth. */
final class SampleCards {
  private static final int LONGEST_CAPTION = 2_000;
  private static final int LONGEST_TRUTH = 20_000;

  private SampleCards() {}

  static void write(BatchReader reader, List<SampleChoice.Place> places, Writer out) throws IOException {
    BoxKinds kinds = new BoxKinds();
    places.forEach(place -> kinds.add(reader.block(place.block()).truthBytes(place.index())));
    out.write(kinds.switches());
    out.write("<div class=\"samples\">\n");
    for (SampleChoice.Place place : places) {
      write(reader.block(place.block()), place, kinds, out);
    }
    out.write("</div>\n");
  }

  private static void write(Block block, SampleChoice.Place place, BoxKinds kinds, Writer out) throws IOException {
    Bucket bucket = block.bucket();
    int i = place.index();
    byte[] truth = block.truthBytes(i);
    int tokens = StatisticsReader.tokens(block, i);
    out.write("<figure class=\"sample\">\n");
    out.write(SamplePicture.html(block, i, BoxKinds.shapes(truth), kinds));
    out.write("<figcaption>\n");
    out.write("<p class=\"caption\" dir=\"auto\">" + caption(block.captionBytes(i), tokens - 1) + "</p>\n");
    out.write(
        Charts.format(
            "<p class=\"meta\">%dx%d · %,d of %,d tokens<br>sample %d · block %d #%d</p>\n",
            bucket.height(), bucket.width(), tokens, bucket.captionLength(), block.sampleId(i), place.block(), i));
    if (truth.length > 0) {
      out.write("<details><summary>truth</summary><pre dir=\"ltr\">" + truth(truth) + "</pre></details>\n");
    }
    out.write("</figcaption>\n</figure>\n");
  }

  /**
   * @param kept bytes of it that the bucket holds
   */
  private static String caption(byte[] caption, int kept) {
    if (caption.length == 0) {
      return "<bdi class=\"more\">no caption</bdi>";
    }
    int end = boundary(caption, LONGEST_CAPTION);
    int seen = Math.clamp(kept, 0, end);
    String html = HtmlText.of(VisibleText.parts(Arrays.copyOf(caption, seen)));
    if (seen < end) {
      html += "<span class=\"cut\" title=\"does not fit into the bucket\">"
          + HtmlText.of(VisibleText.parts(Arrays.copyOfRange(caption, seen, end))) + "</span>";
    }
    return end == caption.length ? html : html + more(caption.length - end, "bytes");
  }

  /** A little less than {@code limit} if a character would be cut there. */
  private static int boundary(byte[] utf8, int limit) {
    if (utf8.length <= limit) {
      return utf8.length;
    }
    int end = limit;
    while (end > limit - 3 && (utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return end;
  }

  private static String truth(byte[] truth) {
    String text = TruthText.of(truth);
    String start = text.length() <= LONGEST_TRUTH ? text : text.substring(0, LONGEST_TRUTH);
    StringBuilder html = new StringBuilder();
    start.lines().forEach(line -> html.append(html.isEmpty() ? "" : "\n").append(HtmlText.of(line)));
    return start.length() == text.length() ? html.toString() : html + more(text.length() - start.length(), "characters");
  }

  private static String more(int number, String unit) {
    return Charts.format("<bdi class=\"more\">… and %,d more %s</bdi>", number, unit);
  }
}
