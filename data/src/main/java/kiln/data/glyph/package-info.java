/** Which character a picture shows, by comparison with the characters of fonts. */
package kiln.data.glyph;
