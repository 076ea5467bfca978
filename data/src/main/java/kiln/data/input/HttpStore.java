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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
    Answer answer = send(from, until, version);
    try {
      return part(answer, from);
    } catch (IOException | RuntimeException e) {
      answer.body.close();
      throw e;
    }
  }

  /** Asks for one byte: signed addresses are often good for GET alone. */
  @Override
  public Part probe() throws IOException {
    Answer answer = send(0, 1, null);
    try (InputStream body = answer.body) {
      if (answer.info.statusCode() == 416) {
        return new Part(body, 0, answer.total(), answer.version()); // of 0 bytes, there is no first one
      }
      return part(answer, 0);
    }
  }

  private Answer send(long from, long until, String version) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("Accept-Encoding", "identity").header("User-Agent", "kiln");
    if (from > 0 || until != Long.MAX_VALUE) {
      request.header("Range", "bytes=" + from + "-" + (until == Long.MAX_VALUE ? "" : until - 1));
      if (version != null && !version.startsWith("W/")) { // a weak one is compared after the answer
        request.header("If-Range", version);
      }
    }
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    CompletableFuture<HttpResponse<InputStream>> exchange = client.sendAsync(request.build(), info -> body(info, answer));
    exchange.whenComplete((_, failure) -> fail(answer, failure));
    try {
      return answer.get(stall.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      exchange.cancel(true);
      throw InputException.passing(InputException.TOO_SLOW, location(), "no answer for " + stall.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
      String reason = cause instanceof HttpConnectTimeoutException ? InputException.TOO_SLOW : InputException.UNREACHABLE;
      throw InputException.passing(reason, location(), "no answer: " + Failures.text(cause), cause);
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** An answer as soon as its headers are there: where the body then breaks off, the client's own future may hold neither. */
  private record Answer(HttpResponse.ResponseInfo info, TimedBody body) {
    Optional<String> header(String name) {
      return info.headers().firstValue(name);
    }

    Matcher contentRange() {
      return CONTENT_RANGE.matcher(header("Content-Range").orElse(""));
    }

    long total() {
      Matcher range = contentRange();
      return range.matches() && !range.group(2).equals("*") ? Long.parseLong(range.group(2)) : -1;
    }

    /** What may stand in If-Range. */
    String version() {
      return header("ETag").or(() -> header("Last-Modified")).orElse(null);
    }
  }

  private TimedBody body(HttpResponse.ResponseInfo info, CompletableFuture<Answer> answer) {
    TimedBody body = new TimedBody(location(), stall);
    answer.complete(new Answer(info, body));
    return body;
  }

  private static void fail(CompletableFuture<Answer> answer, Throwable failure) {
    if (failure != null && !answer.completeExceptionally(failure)) {
      answer.join().body.failUnlessSubscribed(failure);
    }
  }

  private Part part(Answer answer, long from) throws IOException {
    switch (answer.info.statusCode()) {
      case 200 -> {
        return new Part(answer.body, 0, answer.info.headers().firstValueAsLong("Content-Length").orElse(-1), answer.version());
      }
      case 206 -> {
        Matcher range = answer.contentRange();
        if (!range.matches() || range.group(1) == null) {
          throw InputException.lasting(
              InputException.SERVER_ERROR, location(), "HTTP status 206 without a Content-Range that says what it holds");
        }
        return new Part(answer.body, Long.parseLong(range.group(1)), answer.total(), answer.version());
      }
      case 416 ->
          throw InputException.lasting(InputException.CHANGED, location(), "has become shorter than " + (from + 1) + " bytes");
      default -> throw failure(answer);
    }
  }

  private InputException failure(Answer answer) {
    int status = answer.info.statusCode();
    InputException failure = HttpStatus.failure(status, location(), "HTTP status " + status);
    return failure.after(answer.header("Retry-After").map(HttpStore::wait).orElse(Duration.ZERO));
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
