/** The seam between tables that name pictures by URL and what downloads them. */
package kiln.data.url;
