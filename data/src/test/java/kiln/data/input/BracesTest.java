package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;

class BracesTest {
  /** What bash makes of the same. */
  private static List<String> bash(String pattern) throws IOException, InterruptedException {
    Process bash = new ProcessBuilder("bash", "-c", "printf '%s\\n' " + pattern).redirectErrorStream(true).start();
    List<String> lines = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertEquals(0, bash.waitFor(), pattern);
    return lines;
  }

  @Test
  void shouldExpandAsBashDoes() throws Exception {
    for (String pattern :
        List.of(
            "shard-{000..012}.tar",
            "shard-{8..11}.tar",
            "{08..11}",
            "{8..011}",
            "{-1..2}",
            "{-01..2}",
            "{3..1}",
            "{0..10..5}",
            "{10..0..3}",
            "{1..4..0}",
            "{1..4..-2}",
            "{a..e}x{e..a..2}",
            "{a,b}",
            "{a,b}/{c,d}-{1..2}",
            "{train,val}/{00..02}.tar",
            "x{a,b{1..3},c{d,e}}y",
            "{{a,b},{c,d}}",
            "{a,}z",
            "{,a}z",
            "no-braces",
            "one{item}",
            "{1..}",
            "{a..1}",
            "open{a,b",
            "close}a,b",
            "{x{a,b}",
            "{a,b}}",
            "a\\{b,c\\}d",
            "{a\\,b,c}",
            "{abc..d}")) {
      assertEquals(bash(pattern), Braces.expand(pattern), pattern);
    }
  }

  @Test
  void shouldLeaveVariablesOfCommandsAlone() {
    assertEquals(List.of("curl ${HOST}/1.tar", "curl ${HOST}/2.tar"), Braces.expand("curl ${HOST}/{1..2}.tar"));
  }

  @Test
  void shouldRefuseMoreThanAnybodyMeans() {
    for (String pattern : List.of("{1..2000000}", "{1..1000}{1..1000}{1..2}", "{0..999999999999999}")) {
      UserException refused = assertThrows(UserException.class, () -> Braces.expand(pattern));
      assertTrue(refused.getMessage().contains(pattern), refused.getMessage());
    }
  }
}
