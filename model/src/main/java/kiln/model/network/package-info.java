/** The published networks, one folder each, and the reading of their config.json files. */
package kiln.model.network;
