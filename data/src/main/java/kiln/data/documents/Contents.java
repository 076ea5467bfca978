package kiln.data.documents;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import kiln.data.typeset.DocumentWords;
import kiln.data.typeset.Language;

/**
 * Makes up what a page says, sets it, and returns it as the ground truth {@code gt_parse} in the form of Donut (Kim et al. 2022,
 * <a href="https://arxiv.org/abs/2111.15664">arXiv:2111.15664</a>): fields by name, each with the text that stands on the page.
 */
final class Contents {
  private static final int TAX_PERCENT = 20;

  private final Page page;
  private final Language language;
  private final DocumentWords words;
  private final SplittableRandom random;
  private final double fullness;

  /**
   * @param fullness how much of the page is used, up to 1
   */
  Contents(Page page, SplittableRandom random, double fullness) {
    this.page = page;
    this.language = page.language();
    this.words = language.documents().orElseThrow();
    this.random = random;
    this.fullness = fullness;
  }

  Map<String, Object> set(DocumentKind kind) {
    Map<String, Object> fields =
        switch (kind) {
          case LETTER -> letter();
          case INVOICE -> invoice();
          case RECEIPT -> receipt();
          case FORM -> form();
          case ARTICLE -> article();
        };
    return Map.of(kind.word(), fields);
  }

  private Map<String, Object> letter() {
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, "sender", pick(words.names()), Page.Align.START);
    put(fields, "address", pick(words.streets()), Page.Align.START);
    put(fields, "city", pick(words.cities()), Page.Align.START);
    page.space(0.5);
    put(fields, "date", date(), Page.Align.END);
    page.space(0.5);
    put(fields, "greeting", words.label("dear") + " " + pick(words.names()), Page.Align.START);
    page.space(0.5);
    fields.put("body", paragraphs((int) (fullness * (page.linesLeft() - 3))));
    page.space(0.5);
    put(fields, "closing", words.label("regards"), Page.Align.START);
    put(fields, "signature", (String) fields.get("sender"), Page.Align.START);
    return fields;
  }

  private Map<String, Object> invoice() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("company", heading(pick(words.companies()), 1.3, Page.Align.START));
    put(fields, "address", pick(words.streets()), Page.Align.START);
    page.space(0.4);
    fields.put("title", heading(words.label("invoice"), 1.6, random.nextBoolean() ? Page.Align.START : Page.Align.END));
    pair(fields, "number", language.number(Integer.toString(random.nextInt(1000, 99999))));
    pair(fields, "date", date());
    pair(fields, "customer", pick(words.names()));
    page.space(0.5);
    PageTable table =
        new PageTable(
            page, List.of(words.label("item"), words.label("quantity"), words.label("price"), words.label("amount")));
    List<Map<String, Object>> items = new ArrayList<>();
    long subtotal = 0;
    int count = Math.max(1, (int) (fullness * (page.linesLeft() - 6) / 1.2));
    for (int i = 0; i < count; i++) {
      int quantity = random.nextInt(1, 10);
      long price = price();
      subtotal += quantity * price;
      List<String> row =
          List.of(
              pick(words.items()),
              language.number(Integer.toString(quantity)),
              language.amount(price),
              language.amount(quantity * price));
      table.add(row);
      items.add(fields(List.of("item", "quantity", "price", "amount"), row));
    }
    table.set(random.nextBoolean());
    fields.put("items", items);
    long tax = tax(subtotal);
    page.space(0.3);
    sum(fields, "subtotal", subtotal, false);
    sum(fields, "tax", tax, false);
    sum(fields, "total", subtotal + tax, true);
    return fields;
  }

  private long tax(long amount) {
    long tax = amount * TAX_PERCENT / 100;
    return language.decimal().isEmpty() ? tax / 100 * 100 : tax;
  }

  private Map<String, Object> receipt() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("store", heading(pick(words.companies()), 1.3, Page.Align.CENTER));
    put(fields, "address", pick(words.streets()), Page.Align.CENTER);
    put(fields, "date", date(), Page.Align.CENTER);
    page.rule();
    List<Map<String, Object>> items = new ArrayList<>();
    long total = 0;
    int count = Math.max(1, (int) (fullness * (page.linesLeft() - 6)));
    for (int i = 0; i < count; i++) {
      long price = price();
      total += price;
      List<String> row = List.of(pick(words.items()), language.amount(price));
      pairRow(row.get(0), row.get(1), false);
      items.add(fields(List.of("item", "price"), row));
    }
    fields.put("items", items);
    page.rule();
    sum(fields, "total", total, true);
    long cash = (total / 100_000 + 1) * 100_000;
    sum(fields, "cash", cash, false);
    sum(fields, "change", cash - total, false);
    page.space(0.3);
    put(fields, "note", words.label("thanks"), Page.Align.CENTER);
    return fields;
  }

  private Map<String, Object> form() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("title", heading(words.label("form"), 1.5, Page.Align.START));
    page.space(0.4);
    List<String> keys = new ArrayList<>(List.of("name", "address", "city", "phone", "date", "number", "signature"));
    int count = Math.clamp((int) (fullness * page.linesLeft() / 1.6), 2, keys.size());
    for (String key : keys.subList(0, count)) {
      String value =
          switch (key) {
            case "address" -> pick(words.streets());
            case "city" -> pick(words.cities());
            case "phone" -> language.number(Integer.toString(random.nextInt(100_000, 9_999_999)));
            case "date" -> date();
            case "number" -> language.number(Integer.toString(random.nextInt(10_000)));
            default -> pick(words.names());
          };
      pair(fields, key, value);
      page.rule();
      page.space(0.2);
    }
    return fields;
  }

  private Map<String, Object> article() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("title", heading(pick(words.titles()), 1.6, random.nextBoolean() ? Page.Align.START : Page.Align.CENTER));
    put(fields, "author", pick(words.names()), Page.Align.START);
    page.space(0.4);
    boolean tabled = page.linesLeft() > 12 && random.nextBoolean();
    fields.put("paragraphs", paragraphs((int) (fullness * (page.linesLeft() - (tabled ? 8 : 1)))));
    if (tabled) {
      page.space(0.4);
      fields.put("heading", heading(words.label("summary"), 1.2, Page.Align.START));
      PageTable table = new PageTable(page, List.of(words.label("item"), words.label("quantity")));
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        List<String> row = List.of(pick(words.items()), language.number(Integer.toString(random.nextInt(1, 500))));
        table.add(row);
        rows.add(fields(List.of("item", "quantity"), row));
      }
      table.set(true);
      fields.put("table", rows);
    }
    return fields;
  }

  private static Map<String, Object> fields(List<String> names, List<String> values) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      fields.put(names.get(i), values.get(i));
    }
    return fields;
  }

  /** Paragraphs of a few sentences until about so many lines are full, at least one. */
  private List<String> paragraphs(int numLines) {
    List<String> paragraphs = new ArrayList<>();
    int end = page.linesLeft() - numLines;
    do {
      List<String> sentences = new ArrayList<>();
      int count = random.nextInt(2, 6);
      for (int i = 0; i < count; i++) {
        String sentence = pick(language.sentences());
        int needed = 2 + (int) (page.width(String.join("", sentences) + sentence, false) / (page.right() - page.left()));
        if (!sentences.isEmpty() && page.linesLeft() - needed < end) {
          break;
        }
        sentences.add(sentence);
      }
      List<String> text = new ArrayList<>();
      sentences.forEach(sentence -> text.addAll(language.split(sentence)));
      page.paragraph(text);
      page.space(0.5);
      paragraphs.add(String.join(language.joiner(), text));
    } while (page.linesLeft() - 3 > end && !page.isSpoiled());
    return paragraphs;
  }

  private void put(Map<String, Object> fields, String name, String text, Page.Align align) {
    page.text(text, false, 1, align);
    fields.put(name, text);
  }

  private String heading(String text, double scale, Page.Align align) {
    page.text(text, true, scale, align);
    return text;
  }

  /** A label at the start and a value after it. */
  private void pair(Map<String, Object> fields, String key, String value) {
    double middle = page.left() + 0.4 * (page.right() - page.left());
    boolean mirrored = language.rightToLeft();
    double edge = mirrored ? page.right() - (middle - page.left()) : middle;
    List<String> label = page.words(words.label(key));
    page.row(
        List.of(
            new Page.Segment(label, true, 1, mirrored ? edge : page.left(), mirrored ? page.right() : edge, Page.Align.START),
            new Page.Segment(
                page.words(value), false, 1, mirrored ? page.left() : edge, mirrored ? edge : page.right(), Page.Align.START)));
    fields.put(key, value);
  }

  /** A label at the start and an amount at the end. */
  private void sum(Map<String, Object> fields, String key, long hundredths, boolean bold) {
    String price = language.price(hundredths);
    pairRow(words.label(key), price, bold);
    fields.put(key, price);
  }

  private void pairRow(String start, String end, boolean bold) {
    double width = page.width(end, bold) + 1;
    boolean mirrored = language.rightToLeft();
    double edge = mirrored ? page.left() + width : page.right() - width;
    page.row(
        List.of(
            new Page.Segment(
                page.words(start), bold, 1, mirrored ? edge : page.left(), mirrored ? page.right() : edge, Page.Align.START),
            new Page.Segment(
                page.words(end), bold, 1, mirrored ? page.left() : edge, mirrored ? edge : page.right(), Page.Align.END)));
  }

  private String date() {
    return language.date(random.nextInt(1, 29), random.nextInt(1, 13), random.nextInt(1990, 2040));
  }

  private long price() {
    long price = random.nextInt(50, 9_999);
    return language.decimal().isEmpty() ? 100 * price : price;
  }

  private String pick(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
