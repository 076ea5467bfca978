/** Training: what is asked for, the process that supervises it, and what each rank does step by step. */
package kiln.launcher.train;
