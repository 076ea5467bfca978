/** Tables in Apache Parquet files: pictures inside, or URLs of pictures. */
package kiln.data.parquet;
