/** Picture files that are named by data: where they may lie, and how large they may be. */
package kiln.data.picture;
