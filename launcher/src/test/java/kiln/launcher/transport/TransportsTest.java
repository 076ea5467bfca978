package kiln.launcher.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class TransportsTest {
  @Test
  void shouldFindRanksThatShareADevice() {
    assertNull(Transports.sharedDevice(List.of("a", "b", "c")));
    assertEquals("ranks 1 and 3 on one (b)", Transports.sharedDevice(List.of("a", "b", "c", "b", "b")));
  }

  @Test
  void shouldLeaveHostMemoryToOtherTransports() {
    List<List<Integer>> nodes = List.of(List.of(0, 1), List.of(2, 3));
    assertEquals(TransportKind.HIERARCHICAL, TransportKind.AUTO.resolve(nodes));
    assertEquals(TransportKind.NCCL, TransportKind.NCCL.resolve(nodes));
  }
}
