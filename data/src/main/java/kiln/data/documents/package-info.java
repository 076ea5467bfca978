/** Pages of documents drawn from made-up contents, with those contents as ground truth. */
package kiln.data.documents;
