/** Pictures of text in many languages: lines, curves and columns before colours, textures and photographs. */
package kiln.data.scenes;
