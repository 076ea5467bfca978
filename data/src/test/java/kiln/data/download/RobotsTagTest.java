package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.HeaderGroup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RobotsTagTest {
  @ParameterizedTest
  @CsvSource({
    "'noai',true",
    "'nofollow, NoImageAI ',true",
    "'noindex',true",
    "'all',false",
    "'kiln: noai',true",
    "'otherbot: noai',false",
    "'otherbot: noindex, nofollow',false",
    "'unavailable_after: 25 Jun 2010 15:00:00 PST, noai',true",
    "'',false",
  })
  void shouldMindDirectivesForAllAndForThisRobot(String value, boolean forbids) {
    HeaderGroup headers = new HeaderGroup();
    headers.addHeader(new BasicHeader("x-robots-tag", value));
    headers.addHeader(new BasicHeader("X-Robots-Tag", "nosnippet"));
    assertEquals(forbids, RobotsTag.forbids(headers, "Kiln/0.1 (somewhere)"), value);
  }
}
