package kiln.data.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderedWorkersTest {
  @Test
  void shouldHandOnResultsInOrder() throws Exception {
    Iterator<OrderedWorkers.Item<Integer>> items =
        IntStream.range(0, 1000)
            .mapToObj(
                number ->
                    new OrderedWorkers.Item<>(
                        number % 7,
                        () -> {
                          if (number % 100 == 0) {
                            Thread.sleep(2);
                          }
                          return number;
                        }))
            .iterator();
    List<Integer> results = new ArrayList<>();
    try (OrderedWorkers workers = new OrderedWorkers(4, 50)) {
      workers.run(items, results::add);
    }
    assertEquals(IntStream.range(0, 1000).boxed().toList(), results);
  }

  /** Bytes that have been read and not been handed on: at most the limit, and the one item that waits for its place. */
  @Test
  void shouldBoundBytesOnTheWay() throws Exception {
    for (long limit : new long[] {1, 500, 4000, 1L << 40}) {
      AtomicLong now = new AtomicLong();
      AtomicLong most = new AtomicLong();
      int largest = 900;
      Iterator<OrderedWorkers.Item<Integer>> items =
          IntStream.range(0, 500)
              .mapToObj(
                  number -> {
                    int bytes = number % 10 == 0 ? largest : 100;
                    most.accumulateAndGet(now.addAndGet(bytes), Math::max);
                    return new OrderedWorkers.Item<>(bytes, () -> bytes);
                  })
              .iterator();
      List<Integer> results = new ArrayList<>();
      try (OrderedWorkers workers = new OrderedWorkers(3, limit)) {
        workers.run(
            items,
            bytes -> {
              now.addAndGet(-bytes);
              results.add(bytes);
            });
      }
      assertEquals(500, results.size());
      assertEquals(0, now.get());
      assertTrue(most.get() <= Math.max(limit, largest) + largest, "limit=" + limit + " most=" + most);
      if (limit == 4000) {
        assertTrue(most.get() > 2000, "little is on the way: most=" + most);
      }
    }
  }
}
