package kiln.bench.chaos;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What can befall a file of a checkpoint. */
enum Damage {
  DATA("bit flipped in a tensor", name -> name.endsWith(".safetensors")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      long header = headerBytes(file);
      flip(file, header + random.nextLong(Files.size(file) - header), random);
    }
  },
  HEADER("bit flipped in a header", name -> name.endsWith(".safetensors")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      flip(file, random.nextLong(headerBytes(file)), random);
    }
  },
  RECORD("bit flipped in training.json", name -> name.equals("training.json")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      flip(file, random.nextLong(Files.size(file)), random);
    }
  },
  MANIFEST("bit flipped in manifest.json", name -> name.equals("manifest.json")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      flip(file, random.nextLong(Files.size(file)), random);
    }
  },
  CONFIG("bit flipped in another JSON file", name -> name.matches("(?!training|manifest).*\\.json")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      flip(file, random.nextLong(Files.size(file)), random);
    }
  },
  TRUNCATED("file truncated", _ -> true) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(random.nextLong(channel.size()));
      }
    }
  },
  REMOVED("file removed", name -> !name.equals("manifest.json")) {
    @Override
    void spoil(Path file, RandomGenerator random) throws IOException {
      Files.delete(file);
    }
  };

  private final String title;
  private final Predicate<String> befalls;

  Damage(String title, Predicate<String> befalls) {
    this.title = title;
    this.befalls = befalls;
  }

  String title() {
    return title;
  }

  abstract void spoil(Path file, RandomGenerator random) throws IOException;

  /**
   * Damages one file of a checkpoint.
   *
   * @return the file
   */
  Path spoilOne(Path checkpoint, RandomGenerator random) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(checkpoint)) {
      files =
          tree.filter(file -> Files.isRegularFile(file) && befalls.test(file.getFileName().toString())).sorted().toList();
    }
    Path file = files.get(random.nextInt(files.size()));
    spoil(file, random);
    return file;
  }

  private static void flip(Path file, long at, RandomGenerator random) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(Byte.SIZE)));
      channel.write(one.rewind(), at);
    }
  }

  /** Of the length and the JSON, where tensors begin. */
  private static long headerBytes(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(length, 0);
      return Long.BYTES + length.getLong(0);
    }
  }
}
