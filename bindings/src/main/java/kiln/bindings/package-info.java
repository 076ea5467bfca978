/** Downcalls to native libraries, native memory, and finding and loading what is called. */
package kiln.bindings;
