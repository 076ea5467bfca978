package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      value = {
        "http://example.org -> http://example.org/",
        "HTTP://Example.ORG:8080/A b.jpg#top -> http://example.org:8080/A%20b.jpg",
        "https://my_shop.example.org/a -> https://my_shop.example.org/a",
        "http://example.org?q=1|2 -> http://example.org/?q=1%7C2",
        "http://example.org./x -> http://example.org/x",
        "http://example.org:/x -> http://example.org/x",
        "http://b\u00fccher.example/\u00e4%20%zz%4 -> http://xn--bcher-kva.example/%C3%A4%20%25zz%254",
        "http://[2001:DB8::1]:81/x -> http://[2001:db8::1]:81/x",
        "http://example.org/a[1]<>\\^`{}.png -> http://example.org/a[1]%3C%3E%5C%5E%60%7B%7D.png",
      })
  void shouldWriteUrlsAsBrowsersDo(String url, String expected) throws FailedException {
    assertEquals(expected, WebAddress.parse(url).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "example.org/a.png", "ftp://example.org/", "http:///a", "http://a b/", "http://a:99999/", "http://a:0/",
        "http://user@example.org/", "http://user:pw@example.org/", "http://exa%6dple.org/", "http://a..b/", "http://-a/",
        "http://[::1/", "data:image/png;base64,AAAA", "javascript:alert(1)", "http://a\nb/"
      })
  void shouldRefuseWhatIsNoWebAddress(String url) {
    FailedException e = assertThrows(FailedException.class, () -> WebAddress.parse(url));
    assertEquals(Reason.BAD_URL, e.failure().reason());
  }

  @ParameterizedTest
  @CsvSource({
    "/x/y,http://h/x/y", "z,http://h/a/z", "../z,http://h/z", "../../z,http://h/z", "?p=1,http://h/a/b?p=1",
    "..,http://h/", "c/.,http://h/a/c/", "/x/../../y/./?q/../r,http://h/y/?q/../r", "'',http://h/a/b?c=d",
    "//o.example/z,http://o.example/z", "https://o.example:1/z,https://o.example:1/z", "./z#f,http://h/a/z"
  })
  void shouldResolveRedirections(String location, String expected) throws FailedException {
    assertEquals(expected, WebAddress.parse("http://h/a/b?c=d").resolve(location).toString());
  }

  @Test
  void shouldRefuseRedirectionsToOtherSchemes() throws FailedException {
    WebAddress from = WebAddress.parse("https://example.org/");
    for (String location : new String[] {"file:///etc/passwd", "ftp://example.org/", "data:,x", "http://user@h/"}) {
      FailedException e = assertThrows(FailedException.class, () -> from.resolve(location), location);
      assertEquals(Reason.BAD_REDIRECT, e.failure().reason());
    }
  }
}
