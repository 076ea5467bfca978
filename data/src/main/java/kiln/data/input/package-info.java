/** Bytes wherever they are: files, commands, web servers and S3 buckets, read in order or by ranges. */
package kiln.data.input;
