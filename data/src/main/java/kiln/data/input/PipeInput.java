package kiln.data.input;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;

/** What a shell command prints; each reading runs it anew. */
record PipeInput(String command) implements Input {
  static final String PREFIX = "pipe:";

  @Override
  public String location() {
    return PREFIX + command;
  }

  @Override
  public InputStream open() throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectInput(new File("/dev/null"));
    try {
      return new PipeStream(location(), builder.start());
    } catch (IOException e) {
      throw InputException.lasting(InputException.COMMAND_FAILED, location(), Failures.text(e));
    }
  }
}
