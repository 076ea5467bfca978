/** From picture files with captions to samples: decoding, fitting into buckets, checking captions, splitting off validation. */
package kiln.data.prepare;
