package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rank that has the secret and has gone mad. */
class BrokenMemberTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int SIZE = 2;
  private static final ControlMessage FAILED =
      new ControlMessage.Failed(new JobFailure(JobFailure.Cause.ABORTED, 1, "enough"));

  private final List<String> news = new CopyOnWriteArrayList<>();
  private final JobSecret secret = JobSecret.create();

  /** Rank 0 of two, the other one of which is the test. */
  private final class Job implements AutoCloseable {
    final ControlHost host = ControlPlane.host(LiveJob.ANY_PORT, secret, SIZE, LiveJob.patient(), news::add);
    final CompletableFuture<ControlPlane> zero =
        CompletableFuture.supplyAsync(() -> ControlPlane.join(host, news::add, () -> {}), Thread::startVirtualThread)
            .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS);
    final Peer one = new Peer(host.rendezvous()).join(secret, 1, SIZE);

    Job register() {
      one.send(new ControlMessage.Register(RankInfo.here(1)));
      assertTrue(one.receiveMessage(SIZE) instanceof ControlMessage.Table);
      return this;
    }

    /** Why rank 0 gives up. */
    JobFailure failure() {
      try {
        return zero.join().failure(SOON).orElseThrow();
      } catch (CompletionException e) {
        return ((JobFailedException) e.getCause()).failure();
      }
    }

    @Override
    public void close() {
      one.close();
      zero.handle((plane, _) -> plane).join();
      if (!zero.isCompletedExceptionally()) {
        zero.join().close();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "63, unknown message 99",
    "00, unknown message 0",
    "0000, unknown message 0",
    "0400, 1 bytes too many in Heartbeat",
    "09, a message that is cut short or malformed",
    "09ffffffffffffffff00000000000000000000000000000000, a count of -1",
    "02000000020000, a message that is cut short or malformed", // a table
    "027fffffff, 'a list of 2147483647 entries, expected 2 to 2'",
    "07, unexpected Inquiry from a rank",
    "050100000009000141, rank 9 of 2",
    "050900000001000141, unknown number 9",
    "05010000000100011b, a text with control characters", // would colour the user's terminal
    "050100000001000180, a text that is not UTF-8",
    "0501000000010fff41, a message that is cut short or malformed",
    "0501000000011fff41, 'a text of 8191 bytes, at most 4096 are allowed'",
    "0800000401, 'a list of 1025 entries, expected 0 to 1024'",
    "080000000100014100000005000000020000000000000000, rank 5 of 2 in a job of 2",
    "01000000010000000000000001000141, it registers as rank 1 again",
  })
  void shouldBeLostWithOneLineThatSaysWhy(String frame, String why) {
    try (Job job = new Job().register()) {
      job.one.send(HexFormat.of().parseHex(frame));
      job.one.awaitEnd();
      JobFailure failure = job.failure();
      assertEquals(JobFailure.Cause.LOST, failure.cause());
      assertTrue(failure.line().startsWith("lost " + RankInfo.here(1).title() + ": " + why + " at "), failure.line());
      assertEquals(List.of("kiln: " + failure.line()), news);
    }
  }

  @Test
  void shouldNotBeReadFurther() {
    try (Job job = new Job().register()) {
      byte[] bad = Peer.framed(new byte[] {99});
      byte[] worse = Peer.framed(Peer.bytes(MessageCodec.encode(FAILED)));
      byte[] both = HexFormat.of().parseHex(HexFormat.of().formatHex(bad) + HexFormat.of().formatHex(worse));
      job.one.sendRaw(both); // in one piece
      assertEquals(JobFailure.Cause.LOST, job.failure().cause());
      assertEquals(1, news.size(), news::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"06, Late", "0800000000, Standing", "09000000000000000000000000000000000000000000000000, Pace"})
  void shouldNotReportBeforeAllHaveJoined(String frame, String kind) {
    try (Job job = new Job()) {
      job.one.send(HexFormat.of().parseHex(frame));
      String line = job.failure().line();
      assertTrue(line.startsWith("lost rank 1: unexpected " + kind + " before all ranks have joined at "), line);
    }
  }

  @Test
  void shouldBeToldOfByRanksThatCameLater() {
    ControlHost host = ControlPlane.host(LiveJob.ANY_PORT, secret, SIZE, LiveJob.patient(), news::add);
    try (Peer one = new Peer(host.rendezvous()).join(secret, 1, SIZE)) {
      one.send(new byte[] {99});
      one.awaitEnd();
      JobFailedException e = assertThrows(JobFailedException.class, () -> ControlPlane.join(host, news::add, () -> {}));
      assertTrue(e.getMessage().startsWith("lost rank 1: unknown message 99 at "), e.getMessage());
    }
  }

  @Test
  void shouldNotSpeakAfterItsGoodbye() throws InterruptedException {
    try (Job job = new Job().register()) {
      job.one.send(new ControlMessage.Goodbye());
      job.one.send(FAILED);
      job.one.awaitEnd();
      assertTrue(job.zero.join().failure(Duration.ofMillis(50)).isEmpty());
      assertEquals(List.of(), news);
    }
  }

  @Test
  void shouldNotSendMoreThanRanksHaveToSay() {
    try (Job job = new Job().register()) {
      job.one.sendRaw(new byte[] {0, 2, 0, 1}); // 128 KiB and a byte, of which none need come
      String line = job.failure().line();
      assertTrue(line.contains(": a frame of 131073 bytes, at most 131072 are allowed at "), line);
    }
  }

  @Test
  void shouldNotMakeAllRanksWriteAgainAndAgain() {
    try (Job job = new Job().register()) {
      for (int i = 0; i < 1000; i++) {
        job.one.send(new ControlMessage.Late());
      }
      assertEquals(new ControlMessage.Inquiry(), job.one.receiveMessage(SIZE));
      job.one.send(new ControlMessage.Standing(List.of()));
      for (int i = 0; i < 1000; i++) {
        job.one.send(new ControlMessage.Late());
      }
      job.one.send(FAILED);
      assertEquals(JobFailure.Cause.ABORTED, ((ControlMessage.Failed) job.one.receiveMessage(SIZE)).failure().cause());
    }
  }

  /** 4,000 frames: whatever it sends, rank 0 ends in good order, with one line at most. */
  @Test
  void shouldDoNoMoreHarmThanEndTheJob() {
    Random random = new Random(7);
    List<byte[]> good = MessageCodecTest.messages().map(m -> Peer.bytes(MessageCodec.encode(m))).toList();
    for (int i = 0; i < 100; i++) {
      news.clear();
      try (Job job = new Job()) {
        if (random.nextBoolean()) {
          job.register();
        }
        List<byte[]> frames = new ArrayList<>();
        for (int j = 0; j < 40; j++) {
          byte[] frame = good.get(random.nextInt(good.size())).clone();
          for (int flips = random.nextInt(3); flips > 0; flips--) {
            frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
          }
          frames.add(frame);
        }
        frames.removeIf(frame -> frame[0] == 10); // after a goodbye nothing would fail
        frames.forEach(job.one::send);
        job.one.close();
        assertTrue(job.failure().line().matches("[^\\p{Cntrl}]+"), job.failure()::line);
        int said = job.failure().cause() == JobFailure.Cause.ABORTED ? 0 : 1;
        assertTrue(news.size() <= said, news::toString);
      }
    }
  }
}
