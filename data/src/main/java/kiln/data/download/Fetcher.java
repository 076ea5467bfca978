package kiln.data.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import kiln.bindings.UserException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;

/** One HTTP GET: what is a picture goes to the store, everything else is a typed failure. */
final class Fetcher implements AutoCloseable {
  private static final int BUFFER = 64 << 10;

  /** A body of an error page up to this is read, so that its connection can be used again. */
  private static final int SMALL = 16 << 10;

  private final DownloadOptions options;
  private final PictureStore store;
  private final ScheduledExecutorService timer;
  private final CloseableHttpClient client;
  private final Set<HttpUriRequestBase> active = ConcurrentHashMap.newKeySet();
  private volatile boolean cancelled;

  /**
   * @param timer ends requests that take too long
   */
  Fetcher(DownloadOptions options, PictureStore store, ScheduledExecutorService timer) {
    this.options = options;
    this.store = store;
    this.timer = timer;
    client = HttpClients.create(options);
  }

  /**
   * @throws FolderFullException if the picture does not fit any more
   * @throws UserException if the disk is full
   */
  Response get(WebAddress address, Optional<Checksum> checksum) throws FolderFullException {
    HttpUriRequestBase request = new HttpUriRequestBase("GET", URI.create("/"));
    request.setScheme(address.scheme());
    request.setAuthority(new URIAuthority(address.host(), address.port()));
    request.setPath(address.path());
    AtomicBoolean late = new AtomicBoolean();
    Runnable end =
        () -> {
          late.set(true);
          request.cancel();
        };
    long total = options.times().total().toMillis();
    ScheduledFuture<?> deadline = timer.schedule(end, total, TimeUnit.MILLISECONDS);
    active.add(request);
    try {
      if (cancelled) {
        request.cancel();
      }
      return answer(address, request, checksum);
    } catch (FailedException e) {
      return late.get() ? late(0) : new Response.Failed(e.failure());
    } finally {
      active.remove(request);
      deadline.cancel(false);
    }
  }

  private Response.Failed late(int http) {
    String detail = "not complete after " + options.times().total().toMillis() + " ms";
    return new Response.Failed(Failure.of(Reason.READ_TIMEOUT, http, detail));
  }

  private Response answer(WebAddress address, HttpUriRequestBase request, Optional<Checksum> checksum)
      throws FailedException, FolderFullException {
    ClassicHttpResponse response;
    try {
      response = client.executeOpen(new HttpHost(address.scheme(), address.host(), address.port()), request, null);
    } catch (IOException | RuntimeException e) {
      throw new FailedException(ConnectionFailures.ofRequest(e));
    }
    int http = response.getCode();
    boolean done = false;
    try {
      Response read = read(address, response, checksum);
      done = true;
      return read;
    } catch (IOException e) {
      throw new FailedException(ConnectionFailures.ofBody(e, http));
    } finally {
      if (!done) {
        request.cancel(); // Else closing it would read the rest.
      }
      closeQuietly(response);
    }
  }

  private Response read(WebAddress address, ClassicHttpResponse response, Optional<Checksum> checksum)
      throws IOException, FailedException, FolderFullException {
    int http = response.getCode();
    if (http / 100 == 2) {
      if (!options.trust().ignoreNoAi() && RobotsTag.forbids(response, options.trust().userAgent())) {
        throw new FailedException(Failure.of(Reason.NOAI, http, "X-Robots-Tag: " + RobotsTag.of(response)));
      }
      return picture(response, checksum);
    }
    Header location = response.getFirstHeader("Location");
    if (http / 100 == 3 && http != 304 && location != null && location.getValue() != null) {
      drain(response);
      return new Response.Redirected(http, location.getValue());
    }
    drain(response);
    Optional<Duration> retryAfter = RetryAfter.of(response);
    return new Response.Failed(Failure.status(http, address + ": " + http + " " + response.getReasonPhrase(), retryAfter));
  }

  private Response picture(ClassicHttpResponse response, Optional<Checksum> checksum)
      throws IOException, FailedException, FolderFullException {
    int http = response.getCode();
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      throw new FailedException(Failure.of(Reason.EMPTY, http, "no content"));
    }
    if (entity.getContentLength() > options.limits().fileBytes()) {
      throw tooLarge(http, entity.getContentLength() + " bytes");
    }
    InputStream in = entity.getContent();
    byte[] buffer = new byte[BUFFER];
    int filled = in.readNBytes(buffer, 0, PictureFormat.HEAD);
    String extension = extension(Arrays.copyOf(buffer, filled), entity, http);
    MessageDigest sha256 = Checksum.digest("SHA-256");
    Optional<MessageDigest> expected = checksum.map(Checksum::digest);
    long total = 0;
    try (PictureStore.Part part = store.begin()) {
      while (filled >= 0) {
        total += filled;
        if (total > options.limits().fileBytes()) {
          throw tooLarge(http, "more than " + options.limits().fileBytes() + " bytes");
        }
        sha256.update(buffer, 0, filled);
        if (expected.isPresent()) {
          expected.get().update(buffer, 0, filled);
        }
        part.write(buffer, filled);
        filled = in.read(buffer);
      }
      check(checksum, expected.map(Checksum::hex), http);
      return part.keep(http, Checksum.hex(sha256), extension);
    }
  }

  private static void check(Optional<Checksum> checksum, Optional<String> found, int http) throws FailedException {
    if (checksum.isPresent() && !checksum.get().hex().equals(found.orElseThrow())) {
      String detail = checksum.get().algorithm() + " expected " + checksum.get().hex() + ", found " + found.get();
      throw new FailedException(Failure.of(Reason.HASH_MISMATCH, http, detail));
    }
  }

  private static String extension(byte[] head, HttpEntity entity, int http) throws FailedException {
    if (head.length == 0) {
      throw new FailedException(Failure.of(Reason.EMPTY, http, "no content"));
    }
    Optional<PictureFormat> format = PictureFormat.of(head);
    String said = "said to be " + entity.getContentType();
    if (format.isEmpty()) {
      String encoding = entity.getContentEncoding() == null ? "" : ", encoded as " + entity.getContentEncoding();
      throw new FailedException(Failure.of(Reason.NOT_AN_IMAGE, http, said + encoding));
    }
    return format
        .get()
        .extension()
        .orElseThrow(() -> new FailedException(Failure.of(Reason.UNSUPPORTED_FORMAT, http, format.get() + ", " + said)));
  }

  private static FailedException tooLarge(int http, String found) {
    return new FailedException(Failure.of(Reason.TOO_LARGE, http, found));
  }

  private static void drain(ClassicHttpResponse response) throws IOException, FailedException {
    HttpEntity entity = response.getEntity();
    if (entity != null && entity.getContentLength() >= 0 && entity.getContentLength() <= SMALL) {
      EntityUtils.consume(entity);
    }
  }

  /** Ends all requests, and those that come later at once. */
  void cancel() {
    cancelled = true;
    active.forEach(HttpUriRequestBase::cancel);
  }

  boolean cancelled() {
    return cancelled;
  }

  private static void closeQuietly(ClassicHttpResponse response) {
    try {
      response.close();
    } catch (IOException e) {
      // The connection goes with it.
    }
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
