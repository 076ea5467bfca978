package kiln.launcher.show;

import kiln.data.queue.Manifest;
import kiln.data.show.DatasetStatistics;

/**
 * All that a report is made of.
 *
 * @param folder of the data set, as it was given
 * @param manifest what its {@code dataset.json} says
 * @param statistics of one split
 */
public record Facts(String folder, Manifest manifest, DatasetStatistics statistics) {}
