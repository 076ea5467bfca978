package kiln.data.download;

import java.time.Duration;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * An HTTP client that does what it is told and no more: no redirections, retries, cookies, passwords, caches or decoding of its
 * own, and bounded headers.
 */
final class HttpClients {
  private static final int LONGEST_HEADER = 16 << 10;
  private static final int MOST_HEADERS = 200;
  private static final Duration KEEP_IDLE = Duration.ofSeconds(30);

  private HttpClients() {}

  static CloseableHttpClient create(DownloadOptions options) {
    Timeout connect = timeout(options.times().connect());
    Timeout stall = timeout(options.times().stall());
    Http1Config bounds = Http1Config.custom().setMaxLineLength(LONGEST_HEADER).setMaxHeaderCount(MOST_HEADERS).build();
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setDnsResolver(new PublicAddresses(options.trust().allowPrivate()))
            .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(bounds).build())
            .setMaxConnTotal(2 * options.crowd().connections()) // HostGate bounds them; half may lie idle
            .setMaxConnPerRoute(options.crowd().connections())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(connect)
                    .setSocketTimeout(stall)
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .build())
            .setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(connect).build())
            .build();
    return HttpClientBuilder.create()
        .setConnectionManager(connections)
        .setDefaultRequestConfig(
            RequestConfig.custom().setResponseTimeout(stall).setProtocolUpgradeEnabled(false).build())
        .setUserAgent(options.trust().userAgent())
        .evictIdleConnections(TimeValue.of(KEEP_IDLE))
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  private static Timeout timeout(Duration time) {
    return Timeout.ofMilliseconds(time.toMillis());
  }
}
