package kiln.data.download;

import tools.jackson.databind.node.ObjectNode;

/** The rows of a list, one after the other; rows that cannot be read are left out and counted. */
interface ListRows extends AutoCloseable {
  /**
   * @param origin file and row, for messages
   */
  record Row(String origin, ObjectNode columns) {}

  /** Of a file that cannot be had. */
  ListRows NONE =
      new ListRows() {
        @Override
        public Row next() {
          return null;
        }

        @Override
        public void close() {}
      };

  /** Null after the last one. */
  Row next();

  @Override
  void close();
}
