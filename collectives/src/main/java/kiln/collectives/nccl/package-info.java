/** Ranks with a GPU each, joined by NCCL; what is in the host's memory goes over another communicator. */
package kiln.collectives.nccl;
