package kiln.launcher.show;

import java.util.List;
import kiln.data.show.VisibleText;

/** Text of any origin as HTML: nothing of it is markup, and what cannot be seen stands there as a mark. */
final class HtmlText {
  private HtmlText() {}

  /** For the contents of elements, and for attributes in double quotes if there is nothing to mark. */
  static String of(String text) {
    return of(VisibleText.parts(text));
  }

  /** Where a line feed is marked, a new line begins in the source of the page too. */
  static String of(List<VisibleText.Part> parts) {
    StringBuilder html = new StringBuilder();
    for (VisibleText.Part part : parts) {
      if (part.isMark()) {
        // <bdi> keeps it out of what dir=auto looks at.
        html.append("<bdi class=\"mark\" title=\"").append(escape(part.meaning())).append("\">");
        html.append(escape(part.text())).append("</bdi>");
        html.append(part.text().equals(VisibleText.LINE_FEED) ? "\n" : "");
      } else {
        html.append(escape(part.text()));
      }
    }
    return html.toString();
  }

  /** For attributes in double quotes. */
  static String attribute(String text) {
    return escape(VisibleText.line(text));
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
