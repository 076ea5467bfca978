package kiln.data.folder;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.data.input.Input;
import kiln.data.jsonl.JsonLines;
import kiln.data.picture.PictureFiles;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * What the metadata files of a folder say about its pictures, in Hugging Face's layout: {@code metadata.jsonl} or
 * {@code metadata.csv}, in any folder, with {@code file_name} relative to it. All of it is held in memory.
 *
 * @see <a href="https://huggingface.co/docs/datasets/image_dataset">Image datasets</a>
 */
final class FolderMetadata {
  static final String JSONL = "metadata.jsonl";
  static final String CSV = "metadata.csv";
  static final String FILE_NAME = "file_name";
  static final String NO_FILE_NAME = "metadata without file_name";
  static final String BAD_CSV = "invalid CSV";

  private static final int LONGEST_LINE = 16 << 20;

  private final Map<String, List<Row>> rows = new HashMap<>();
  private final SkipReport skips;

  /** One row about a picture. */
  record Row(String origin, ObjectNode fields) {
    /** Null if none of the fields holds text. */
    byte[] caption(List<String> names) {
      return new JsonLines.Line(origin, 0, fields).bytes(names);
    }
  }

  FolderMetadata(SkipReport skips) {
    this.skips = skips;
  }

  static boolean isMetadata(String name) {
    return name.equals(JSONL) || name.equals(CSV);
  }

  /** Rows by the picture's path in the folder, with slashes. */
  Map<String, List<Row>> rows() {
    return rows;
  }

  /**
   * Adds what a file says.
   *
   * @param parent its folder, relative to the whole; empty for the whole itself
   */
  void read(Input file, Path parent) {
    try {
      if (file.location().endsWith(JSONL)) {
        readJsonLines(file, parent);
      } else {
        readCsv(file, parent);
      }
    } catch (UnusableException e) {
      skips.add(e);
    }
  }

  private void readJsonLines(Input file, Path parent) throws UnusableException {
    try (JsonLines lines = JsonLines.open(file, LONGEST_LINE, skips)) {
      while (lines.hasNext()) {
        JsonLines.Line line = lines.next();
        add(new Row(line.origin(), line.object()), parent);
      }
    }
  }

  private void readCsv(Input file, Path parent) throws UnusableException {
    long number = 1;
    ObjectReader reader =
        CsvMapper.builder().build().readerFor(ObjectNode.class).with(CsvSchema.emptySchema().withHeader());
    try (MappingIterator<ObjectNode> all = reader.readValues(file.open())) {
      while (all.hasNext()) {
        ObjectNode row = all.next();
        number++;
        add(new Row(file.location() + ": row " + number, row), parent);
      }
    } catch (IOException | JacksonException e) {
      String message = e.getMessage() == null ? "cannot be read" : e.getMessage().lines().findFirst().orElse("");
      throw new UnusableException(BAD_CSV, file.location() + " after row " + number + ": " + message);
    }
  }

  private void add(Row row, Path parent) {
    try {
      if (!row.fields.path(FILE_NAME).isString()) {
        throw new UnusableException(NO_FILE_NAME, row.origin + ": has no " + FILE_NAME);
      }
      // Inside the whole folder is enough: metadata of a split may name pictures beside it.
      String name = parent.resolve(row.fields.path(FILE_NAME).stringValue()).toString();
      rows.computeIfAbsent(PictureFiles.inside(name, row.origin), _ -> new ArrayList<>()).add(row);
    } catch (InvalidPathException e) {
      skips.add(new UnusableException(PictureFiles.OUTSIDE, row.origin + ": file_name is no path"));
    } catch (UnusableException e) {
      skips.add(e);
    }
  }
}
