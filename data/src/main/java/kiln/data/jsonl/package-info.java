/** Files of JSON lines that name pictures, or hold them. */
package kiln.data.jsonl;
