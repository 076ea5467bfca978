package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SLURM's lists of hosts, as scontrol show hostnames expands them, and where rank 0 listens. */
class NodeListTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "h1 | h1",
        "h[1-3,5] | h1 h2 h3 h5",
        "login,h[1-2] | login h1 h2",
        "n[08-10] | n08 n09 n10",
        "n[098-101,7] | n098 n099 n100 n101 n7",
        "r[1-2]n[08-09] | r1n08 r1n09 r2n08 r2n09",
        "a[1-2]-ib,b[3] | a1-ib a2-ib b3",
        "gpu-a100-[0003-0004].cluster | gpu-a100-0003.cluster gpu-a100-0004.cluster",
      })
  void shouldExpand(String list, String hosts) {
    assertEquals(List.of(hosts.split(" ")), NodeList.expand("SLURM_JOB_NODELIST", list));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "h[1-3", "h1-3]", "h[3-1]", "h[]", "h[1,,2]", "h[a-b]", "h1,,h2", "h[[1]]", "h[0-999999999]"})
  void shouldRefuseOthers(String list) {
    UserException e = assertThrows(UserException.class, () -> NodeList.expand("SLURM_JOB_NODELIST", list));
    assertEquals("SLURM_JOB_NODELIST: expected a list of hosts as in h[1-3,5], found " + list, e.getMessage());
  }

  @Test
  void shouldListenWhereItIsTold() {
    assertEquals("127.0.0.1", choose(null, true).getHostAddress());
    assertEquals("127.0.0.1", choose("lo", false).getHostAddress());
    assertEquals(4000, ListenAddress.choose("127.0.0.1:4000", false, Map.of()).getPort());
    assertEquals(4001, ListenAddress.choose(null, true, Map.of("KILN_CONTROL_ADDRESS", "lo:4001")).getPort());
    for (String wrong : List.of("nosuchinterface0", "192.0.2.1", "lo:70000")) { // 192.0.2.0/24 is nobody's, RFC 5737
      UserException e = assertThrows(UserException.class, () -> choose(wrong, false));
      assertTrue(e.getMessage().startsWith("option --control-address: expected "), e.getMessage());
      assertTrue(e.getMessage().endsWith("found " + wrong), e.getMessage());
    }
  }

  @Test
  void shouldListenWhereSlurmStartsRankZero() throws Exception {
    for (NetworkInterface candidate : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(candidate.getInetAddresses())) {
        if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
          Map<String, String> slurm = Map.of("SLURM_JOB_NODELIST", address.getHostAddress() + ",192.0.2.1");
          assertEquals(address, ListenAddress.choose(null, false, slurm).getAddress());
        }
      }
    }
  }

  private static InetAddress choose(String wanted, boolean oneMachine) {
    return ListenAddress.choose(wanted, oneMachine, Map.of()).getAddress();
  }
}
