/** What a rank's collectives were doing, kept in a mapped file that outlives the process. */
package kiln.collectives.record;
