package kiln.launcher.cli;

import java.util.List;
import kiln.data.documents.DocumentKind;
import kiln.data.documents.DocumentOptions;
import kiln.data.documents.DocumentSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data documents}. */
@Command(
    name = "documents",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Draws pages: letters, invoices, receipts, forms, articles, with made-up contents in nine languages.",
      "",
      "The truth holds the contents by field (gt_parse), the text in reading order and the boxes of words and lines. Fonts are"
          + " found as for scenes."
    })
final class DocumentsCommand implements Runnable {
  @Mixin private BuildMixin build;

  @Mixin private DrawnMixin drawn;

  @Option(
      names = "--kinds",
      paramLabel = "KIND",
      defaultValue = "letter,invoice,receipt,form,article",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}, with equal chances.")
  private List<DocumentKind> kinds;

  @Option(
      names = "--caption",
      paramLabel = "WHAT",
      defaultValue = "text",
      description =
          "${COMPLETION-CANDIDATES}: the page's text, as many whole lines as the longest caption holds, or a task such as"
              + " '<kiln> read the invoice'.")
  private DocumentOptions.Caption caption;

  @Option(
      names = "--worn",
      paramLabel = "SHARE",
      defaultValue = "0.5",
      description = "How often a page looks scanned: crooked, grey, noisy.")
  private double worn;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    DocumentOptions options =
        new DocumentOptions(
            drawn.table(spec),
            drawn.count,
            drawn.validationCount,
            drawn.seed,
            kinds,
            drawn.languages(DocumentOptions.allLanguages()),
            caption,
            worn,
            drawn.holdoutFonts());
    build.build(
        new DocumentSource(options, DrawnMixin.fonts(options.languages())), spec.commandLine().getOut());
  }
}
