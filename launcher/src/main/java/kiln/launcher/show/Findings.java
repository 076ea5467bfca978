package kiln.launcher.show;

import kiln.data.show.CaptionStatistics;
import kiln.data.show.Copies;
import kiln.data.show.DatasetStatistics;

/** What is worth a look in a data set: equal pictures, captions that are empty, cut or garbled, boxes that lie outside. */
final class Findings {
  private Findings() {}

  static Section section(Facts facts) {
    DatasetStatistics statistics = facts.statistics();
    CaptionStatistics captions = statistics.captions();
    ReportTable table = new ReportTable().text("finding").number("samples").text("");
    addCopies(table, "pictures of the same bytes as an earlier one", statistics.samePictures(), statistics.samples());
    addCopies(table, "captions of the same bytes as an earlier one", statistics.sameCaptions(), statistics.samples());
    table.row("captions cut", captions.cut(), "longer than their bucket; the model sees their beginning");
    table.row("captions empty", captions.empty(), "or only white space");
    table.row("captions not UTF-8", captions.notUtf8(), "");
    table.row("captions with U+FFFD", captions.replaced(), "read wrongly by an earlier program");
    table.row("captions with invisible characters", captions.invisible(), "control characters, direction marks, no character");
    table.row("captions with white space at an end", captions.edged(), "");
    table.row("captions with right-to-left letters", captions.rightToLeft(), "");
    table.row("captions of several lines", captions.severalLines(), "");
    table.row("truths that are no JSON object", statistics.truths().unread(), "or longer than 16 MiB");
    table.row("boxes that leave their picture", statistics.truths().outside(), "");
    return Section.of("findings", "Worth a look", "", table);
  }

  private static void addCopies(ReportTable table, String what, Copies copies, long samples) {
    String remark = "";
    if (copies.looked() == 0 && samples > 0) {
      table.row(what, "", "not looked for");
      return;
    }
    if (copies.contents() > 0) {
      remark =
          number(copies.contents()) + (copies.contents() == 1 ? " occurs" : " occur") + " more than once, one of them "
              + number(copies.largest()) + " times";
    }
    if (copies.oneIn() > 1) {
      remark = join(remark, "estimated from one in " + number(copies.oneIn()) + " different ones");
    }
    if (copies.looked() < samples) {
      remark = join(remark, "among " + number(copies.looked()) + " of " + number(samples) + " samples");
    }
    table.row(what, copies.copies(), remark);
  }

  private static String join(String first, String second) {
    return first.isEmpty() ? second : first + "; " + second;
  }

  private static String number(long value) {
    return ReportTable.written(value, ReportTable.Kind.NUMBER);
  }
}
