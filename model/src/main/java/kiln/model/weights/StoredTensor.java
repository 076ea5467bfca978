package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor as files hold it: whole in one, or cut into float32 pieces.
 *
 * @param entry of the whole tensor; if it is cut, with the offset of its first piece
 * @param pieces by their first element; together they are all of it
 */
record StoredTensor(TensorEntry entry, List<Piece> pieces) {
  /**
   * @param first element
   * @param count elements
   */
  record Piece(SafetensorsFile file, long first, long count) {}

  StoredTensor {
    pieces = List.copyOf(pieces);
  }

  static StoredTensor whole(SafetensorsFile file, String name) {
    TensorEntry entry = file.tensors().get(name);
    return new StoredTensor(entry, List.of(new Piece(file, 0, entry.elements())));
  }

  /** Whether all bytes lie in one file, one behind the other. */
  boolean isWhole() {
    return pieces.size() == 1;
  }

  /** The bytes of the whole tensor, read from the files and not from their mapped pages; only what is asked for is read. */
  TensorBytes bytes() {
    return isWhole() ? pieces.getFirst().file.bytes(entry.name()) : this::read;
  }

  private void read(long offset, MemorySegment into) {
    long end = offset + into.byteSize();
    for (Piece piece : pieces) {
      long start = piece.first * Float.BYTES;
      long from = Math.max(offset, start);
      long to = Math.min(end, start + piece.count * Float.BYTES);
      if (from < to) {
        piece.file.bytes(entry.name()).read(from - start, into.asSlice(from - offset, to - from));
      }
    }
  }
}
