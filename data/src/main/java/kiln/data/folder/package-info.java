/** Folders of pictures with captions beside them. */
package kiln.data.folder;
