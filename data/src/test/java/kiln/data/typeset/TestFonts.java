package kiln.data.typeset;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/** Fonts for tests: the machine's, or those of Debian packages in the cache. Tests that have none say that they are skipped. */
public final class TestFonts {
  private static final WritingFonts ALL = WritingFonts.ofMachine(Language.all(), System.out::println);

  private TestFonts() {}

  /** Fonts for all of these languages, or the test is skipped. */
  public static WritingFonts of(List<String> codes) {
    List<String> found = ALL.languages().stream().map(Language::code).toList();
    for (String code : codes) {
      if (!found.contains(code)) {
        System.out.println("SKIPPED: no font for " + Language.of(code).name() + " on this machine, and none could be fetched");
        assumeTrue(false, "no font for " + code);
      }
    }
    return ALL.only(codes);
  }

  /** A face by its name, or the test is skipped. */
  public static Typeface named(String code, String name) {
    List<Typeface> found =
        of(List.of(code)).of(Language.of(code)).stream().filter(t -> t.face().name().equals(name)).toList();
    if (found.isEmpty()) {
      System.out.println("SKIPPED: font " + name + " is not on this machine");
      assumeTrue(false, "no font " + name);
    }
    return found.getFirst();
  }
}
