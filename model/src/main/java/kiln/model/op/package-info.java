/** The operations: one record each, with its shape rule and its gradient rule. */
package kiln.model.op;
