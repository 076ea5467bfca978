package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of a web server, by ranges (RFC 9110, sections 13.1.5 and 14). */
record HttpStore(HttpClient client, URI uri, Duration stall) implements RangedStore {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d{1,18})-\\d{1,18}|\\*)/(\\d{1,18}|\\*)");

  @Override
  public String location() {
    return uri.toString();
  }

  @Override
  public Part open(long from, long until, String version) throws IOException {
    HttpResponse<InputStream> response = send(from, until, version);
    try {
      return part(response, from);
    } catch (IOException | RuntimeException e) {
      response.body().close();
      throw e;
    }
  }

  /** Asks for one byte: signed addresses are often good for GET alone. */
  @Override
  public Part probe() throws IOException {
    HttpResponse<InputStream> response = send(0, 1, null);
    try (InputStream body = response.body()) {
      if (response.statusCode() == 416) {
        return new Part(body, 0, total(response), version(response)); // of 0 bytes, there is no first one
      }
      return part(response, 0);
    }
  }

  private HttpResponse<InputStream> send(long from, long until, String version) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("Accept-Encoding", "identity").header("User-Agent", "kiln");
    if (from > 0 || until != Long.MAX_VALUE) {
      request.header("Range", "bytes=" + from + "-" + (until == Long.MAX_VALUE ? "" : until - 1));
      if (version != null && !version.startsWith("W/")) { // a weak one is compared after the answer
        request.header("If-Range", version);
      }
    }
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request.build(), _ -> new TimedBody(location(), stall));
    try {
      return answer.get(stall.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw InputException.passing(InputException.TOO_SLOW, location(), "no answer for " + stall.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      String reason =
          e.getCause() instanceof HttpConnectTimeoutException ? InputException.TOO_SLOW : InputException.UNREACHABLE;
      throw InputException.passing(reason, location(), "no answer: " + Failures.text(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      answer.cancel(true); // ends the exchange if it is not complete
    }
  }

  private Part part(HttpResponse<InputStream> response, long from) throws IOException {
    String version = version(response);
    switch (response.statusCode()) {
      case 200 -> {
        return new Part(response.body(), 0, response.headers().firstValueAsLong("Content-Length").orElse(-1), version);
      }
      case 206 -> {
        Matcher range = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches() || range.group(1) == null) {
          throw InputException.lasting(
              InputException.SERVER_ERROR, location(), "HTTP status 206 without a Content-Range that says what it holds");
        }
        return new Part(response.body(), Long.parseLong(range.group(1)), total(response), version);
      }
      case 416 ->
          throw InputException.lasting(InputException.CHANGED, location(), "has become shorter than " + (from + 1) + " bytes");
      default -> throw failure(response);
    }
  }

  private static long total(HttpResponse<?> response) {
    Matcher range = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    return range.matches() && !range.group(2).equals("*") ? Long.parseLong(range.group(2)) : -1;
  }

  /** What may stand in If-Range. */
  private static String version(HttpResponse<?> response) {
    return response.headers().firstValue("ETag").or(() -> response.headers().firstValue("Last-Modified")).orElse(null);
  }

  private InputException failure(HttpResponse<?> response) {
    int status = response.statusCode();
    InputException failure = HttpStatus.failure(status, location(), "HTTP status " + status);
    return failure.after(response.headers().firstValue("Retry-After").map(HttpStore::wait).orElse(Duration.ZERO));
  }

  /** Seconds or a date (RFC 9110, section 10.2.3); zero if it is neither. */
  private static Duration wait(String retryAfter) {
    String text = retryAfter.strip();
    if (text.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Duration wait =
          Duration.between(Instant.now(), ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException _) {
      return Duration.ZERO;
    }
  }
}
