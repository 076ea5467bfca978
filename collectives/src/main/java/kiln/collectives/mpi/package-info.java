/** The transport {@code mpi}: ranks of any number of machines, joined by Open MPI through its Java bindings. */
package kiln.collectives.mpi;
