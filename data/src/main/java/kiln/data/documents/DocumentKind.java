package kiln.data.documents;

import java.util.Locale;

/** What a page is. */
public enum DocumentKind {
  LETTER,
  INVOICE,
  RECEIPT,
  FORM,
  ARTICLE;

  /** As on the command line and in truth. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
