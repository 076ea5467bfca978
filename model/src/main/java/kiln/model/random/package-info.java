/** Counter-based random numbers: what is drawn depends on who asks for what, never on what was drawn before. */
package kiln.model.random;
