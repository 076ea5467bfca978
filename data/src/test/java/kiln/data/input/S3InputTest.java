package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import kiln.bindings.UserException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** Against S3Proxy, a server that checks signatures and serves from memory here. */
@Timeout(120)
class S3InputTest {
  private static final byte[] FILE = Fast.bytes(300_000);
  private static final String ID = "somebody";
  private static final String SECRET = "a secret";

  private static TransientNio2BlobStore store;
  private static S3Proxy server;
  private static URI endpoint;

  @BeforeAll
  static void start() throws Exception {
    store = new TransientNio2BlobStore();
    store.createContainer("shards");
    put("a/shard-000.tar", FILE);
    put("empty", new byte[0]);
    server =
        S3Proxy.builder()
            .blobStore(store)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, ID, SECRET)
            .build();
    server.start();
    endpoint = URI.create("http://127.0.0.1:" + server.getPort());
    credentials(ID, SECRET);
  }

  @AfterAll
  static void stop() throws Exception {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    server.stop();
    store.close();
  }

  private static void put(String key, byte[] content) {
    PutObjectRequest request =
        PutObjectRequest.builder().bucket("shards").key(key).contentLength((long) content.length).build();
    store.putBlob(request, new ByteArrayInputStream(content));
  }

  private static void credentials(String id, String secret) {
    System.setProperty("aws.accessKeyId", id);
    System.setProperty("aws.secretAccessKey", secret);
  }

  private static byte[] read(URI from, String location) throws IOException {
    try (Inputs inputs = new Inputs(Fast.s3(from));
        InputStream stream = inputs.of(location).open()) {
      return stream.readAllBytes();
    }
  }

  @Test
  void shouldReadObject() throws IOException {
    assertArrayEquals(FILE, read(endpoint, "s3://shards/a/shard-000.tar"));
    assertEquals(0, read(endpoint, "s3://shards/empty").length);
  }

  @Test
  void shouldGoOnWhereConnectionBroke() throws IOException {
    try (CuttingProxy proxy = new CuttingProxy(server.getPort(), 120_000)) {
      assertArrayEquals(FILE, read(proxy.address(), "s3://shards/a/shard-000.tar"));
      assertEquals(3, proxy.connections());
    }
  }

  @Test
  void shouldNoticeThatObjectHasChanged() throws IOException {
    put("changing", FILE);
    try (CuttingProxy proxy = new CuttingProxy(server.getPort(), 120_000);
        Inputs inputs = new Inputs(Fast.s3(proxy.address()));
        InputStream stream = inputs.of("s3://shards/changing").open()) {
      stream.readNBytes(10);
      put("changing", Fast.bytes(299_999));
      Fast.assertFails(InputException.CHANGED, stream::readAllBytes, "s3://shards/changing", "has changed");
    }
  }

  @Test
  void shouldReadRanges() throws IOException {
    try (Inputs inputs = new Inputs(Fast.s3(endpoint));
        RangeReader reader = ((SeekableInput) inputs.of("s3://shards/a/shard-000.tar")).openRanges()) {
      assertEquals(FILE.length, reader.length());
      byte[] bytes = new byte[1000];
      reader.read(299_000, bytes, 0, 1000);
      assertArrayEquals(Arrays.copyOfRange(FILE, 299_000, 300_000), bytes);
    }
  }

  @Test
  void shouldNameWhatIsNotThere() {
    Fast.assertFails(
        InputException.NOT_FOUND, () -> read(endpoint, "s3://shards/a/shard-001.tar"), "s3://shards/a/shard-001.tar", "404");
    Fast.assertFails(InputException.NOT_FOUND, () -> read(endpoint, "s3://nowhere/x.tar"), "404");
  }

  @Test
  void shouldSayThatServerRefuses() {
    credentials(ID, "another secret");
    try {
      Fast.assertFails(InputException.FORBIDDEN, () -> read(endpoint, "s3://shards/empty"), "403");
    } finally {
      credentials(ID, SECRET);
    }
  }

  @Test
  void shouldRefuseLocationWithoutKey() {
    try (Inputs inputs = new Inputs(Fast.s3(endpoint))) {
      for (String location : new String[] {"s3://shards", "s3://shards/", "s3:///x"}) {
        UserException refused = assertThrows(UserException.class, () -> inputs.of(location));
        assertTrue(refused.getMessage().contains("s3://bucket/key"), refused.getMessage());
      }
    }
  }
}
