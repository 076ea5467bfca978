package kiln.collectives.record;

import java.time.Instant;
import java.util.Optional;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/**
 * One line of a flight recorder.
 *
 * @param communicator its name
 * @param sequence how many operations came before on that communicator
 * @param kind what it was
 * @param bytes of the whole
 * @param type of its elements; empty for a split
 * @param reduction empty for operations that do not reduce
 * @param issued when the rank called it
 * @param begun when it began to run; empty if it has not, or if that was not written down
 * @param ended empty if it has not, or if that was not written down
 * @param failed whether it ended by throwing
 */
public record RecordedCollective(
    String communicator,
    long sequence,
    OperationKind kind,
    long bytes,
    Optional<ElementType> type,
    Optional<Reduction> reduction,
    Instant issued,
    Optional<Instant> begun,
    Optional<Instant> ended,
    boolean failed) {}
