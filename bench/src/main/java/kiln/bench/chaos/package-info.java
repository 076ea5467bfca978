/** Real faults in real runs: processes killed, disks that fail, files that rot; and what is left of the run afterwards. */
package kiln.bench.chaos;
