/** Pictures that a table names by URL, fetched from the web into a folder. */
package kiln.data.download;
