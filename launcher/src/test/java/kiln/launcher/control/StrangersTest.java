package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Who is not let in, and what it costs the job. */
class StrangersTest {
  private final List<String> news = new CopyOnWriteArrayList<>();
  private final JobSecret secret = JobSecret.create();

  private ControlHost host(int size, ControlOptions options) {
    return ControlPlane.host(LiveJob.ANY_PORT, secret, size, options, news::add);
  }

  @Test
  void shouldNotTakeAProofTwice() {
    try (ControlHost host = host(3, LiveJob.patient());
        Peer first = new Peer(host.rendezvous());
        Peer again = new Peer(host.rendezvous())) {
      byte[] proof = first.proof(secret, 1, 3);
      again.send(proof); // as overheard: it is of another challenge
      assertEquals(Handshake.Refusal.SECRET.words(), again.refusal());
      first.join(secret, 1, 3);
      assertEquals(1, host.refusals());
    }
  }

  @Test
  void shouldNotTakeItsOwnAnswerForAProof() {
    try (ControlHost host = host(3, LiveJob.patient());
        Peer member = new Peer(host.rendezvous());
        Peer mirror = new Peer(host.rendezvous())) {
      member.send(member.proof(secret, 1, 3));
      byte[] answer = member.receive().orElseThrow(); // 0, HMAC
      byte[] proof = mirror.proof(JobSecret.create(), 1, 3);
      System.arraycopy(answer, 1, proof, proof.length - answer.length + 1, answer.length - 1);
      mirror.send(proof);
      assertEquals(Handshake.Refusal.SECRET.words(), mirror.refusal());
    }
  }

  @Test
  void shouldRefuseARankThatIsTaken() {
    try (ControlHost host = host(3, LiveJob.patient());
        Peer member = new Peer(host.rendezvous()).join(secret, 1, 3);
        Peer second = new Peer(host.rendezvous());
        Peer other = new Peer(host.rendezvous())) {
      second.send(second.proof(secret, 1, 3));
      assertEquals(Handshake.Refusal.TAKEN.words(), second.refusal());
      for (int rank : new int[] {-1, 3}) {
        try (Peer stranger = new Peer(host.rendezvous())) {
          stranger.send(stranger.proof(secret, rank, 3));
          assertEquals(Handshake.Refusal.SIZE.words(), stranger.refusal());
        }
      }
      other.send(other.proof(secret, 2, 4));
      assertEquals(Handshake.Refusal.SIZE.words(), other.refusal());
      member.send(new ControlMessage.Register(RankInfo.here(1)));
      assertEquals(4, host.refusals());
      assertEquals(4, news.size(), news::toString);
    }
  }

  @Test
  void shouldRefuseARankThatClaimsAnotherOne() {
    try (ControlHost host = host(3, LiveJob.patient());
        Peer member = new Peer(host.rendezvous()).join(secret, 1, 3)) {
      member.send(new ControlMessage.Register(RankInfo.here(2)));
      member.awaitEnd();
      assertEquals(1, news.size(), news::toString);
      assertTrue(news.getFirst().startsWith("kiln: lost rank 1: it registers as rank 2 at "), news::toString);
    }
  }

  @Test
  void shouldRefuseWhoComesWhenAllAreThere() throws InterruptedException {
    try (LiveJob job = new LiveJob(2, LiveJob.patient());
        Peer late = new Peer(job.host.rendezvous())) {
      late.send(late.proof(job.secret, 1, 2));
      assertEquals(Handshake.Refusal.LATE.words(), late.refusal());
      job.assertAlive(1);
    }
  }

  @Test
  void shouldLetRanksInThoughManyKeepItsDoorBusy() throws InterruptedException {
    List<Peer> idle = new ArrayList<>();
    try (ControlHost host = host(2, LiveJob.patient())) {
      for (int i = 0; i < 300; i++) {
        idle.add(new Peer(host.rendezvous()));
      }
      int kept = 2 + Strangers.ROOM;
      idle.subList(0, 300 - kept).forEach(Peer::awaitEnd); // the rest is still connected
      try (Peer member = new Peer(host.rendezvous()).join(secret, 1, 2)) {
        assertEquals(300 - kept + 1, host.refusals());
        member.send(new ControlMessage.Register(RankInfo.here(1)));
      }
    } finally {
      idle.forEach(Peer::close);
    }
    assertTrue(news.size() <= Strangers.SAID + 3, news::toString); // … number 100, in all, the rank that is lost
  }

  @Test
  void shouldHangUpOnWhoSaysNothing() throws InterruptedException {
    Duration soon = Duration.ofMillis(500); // for which ranks wait for each other, and so for strangers
    try (LiveJob job = new LiveJob(2, new ControlOptions(null, Duration.ofSeconds(20), Duration.ofMinutes(1), soon));
        Peer silent = new Peer(job.host.rendezvous());
        Peer slow = new Peer(job.host.rendezvous())) {
      slow.sendRaw(new byte[] {0, 0, 0, 72, 1}); // the beginning of a frame
      silent.awaitEnd();
      slow.awaitEnd();
      assertEquals(2, job.host.refusals());
      String why = "it sent no proof of the secret within 0.5 s";
      assertTrue(job.news.stream().allMatch(line -> line.endsWith(why)), job.news::toString);
      job.assertAlive(1);
    }
  }

  @Test
  void shouldBeReachedAtItsAddressOnly() throws Exception {
    try (ControlHost host = host(2, LiveJob.patient())) {
      int port = host.rendezvous().port();
      new Socket("127.0.0.1", port).close();
      for (InetAddress other : othersOfThisMachine()) {
        assertThrows(ConnectException.class, () -> new Socket(other, port).close(), other::toString);
      }
    }
    InetSocketAddress second = new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0);
    try (ControlHost host = ControlPlane.host(second, secret, 2, LiveJob.patient(), news::add)) {
      assertEquals("127.0.0.2", host.rendezvous().host());
      new Socket("127.0.0.2", host.rendezvous().port()).close();
      assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", host.rendezvous().port()).close());
    }
  }

  /** All of its addresses that are not 127.0.0.1, and one that every Linux has. */
  private static List<InetAddress> othersOfThisMachine() throws Exception {
    List<InetAddress> all = new ArrayList<>();
    all.add(InetAddress.getByName("127.0.0.2"));
    try {
      NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).forEach(all::add);
    } catch (SocketException e) {
      throw new AssertionError(e);
    }
    all.remove(InetAddress.getByName("127.0.0.1"));
    return all;
  }
}
