/** How ranks that another launcher started are joined: what they agree on first, and over which transport they train. */
package kiln.launcher.transport;
