/** What a run tells while it runs: the progress line, metrics.jsonl and the loss curve. */
package kiln.launcher.telemetry;
