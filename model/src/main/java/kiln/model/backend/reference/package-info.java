/** Every operation as plain Java loops: slow, obvious, the oracle that the other backends are tested against. */
package kiln.model.backend.reference;
