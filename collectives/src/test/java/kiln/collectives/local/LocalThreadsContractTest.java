package kiln.collectives.local;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.CommunicatorContract;
import kiln.collectives.RankMain;

/** Ranks that are threads of one process. */
class LocalThreadsContractTest extends CommunicatorContract {
  @Override
  protected List<String> run(int size, String scenarios) throws InterruptedException {
    String address = LocalCommunicator.newFile().toString();
    List<ByteArrayOutputStream> outputs = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int rank = i;
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      outputs.add(output);
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(
                  () ->
                      RankMain.run(
                          new LocalCommunicatorTest.Transport(),
                          rank,
                          size,
                          address,
                          Duration.ofSeconds(60),
                          scenarios,
                          new PrintStream(output, true, StandardCharsets.UTF_8))));
    }
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(120));
    }
    return outputs.stream().map(output -> output.toString(StandardCharsets.UTF_8)).toList();
  }
}
