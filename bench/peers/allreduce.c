/*
 * All-reduces in place of float32 sums as an MPI program in C has them: what ./kiln bench collectives sets Kiln's transports
 * beside. Compiled by that with mpicc, started by mpirun with two arguments: how many threads may call MPI, "multiple" as a program
 * needs that reduces beside its computation, or "single"; and a folder in which every rank has a pipe named by its number.
 *
 * Every rank reads lines "bytes times" from its pipe until another line comes, does so many all-reduces of so many bytes, all
 * ranks having begun together, and rank 0 prints "time SECONDS", that of one all-reduce on the slowest rank.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "allreduce: expected multiple|single and a folder\n");
    return 1;
  }
  const int wanted = strcmp(argv[1], "multiple") == 0 ? MPI_THREAD_MULTIPLE : MPI_THREAD_SINGLE;
  int provided;
  MPI_Init_thread(NULL, NULL, wanted, &provided);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", argv[2], rank);
  FILE *commands = fopen(path, "r");
  if (!commands) {
    perror(path);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  float *data = NULL;
  long capacity = 0;
  char line[128];
  long bytes;
  int times;
  while (fgets(line, sizeof line, commands) && sscanf(line, "%ld %d", &bytes, &times) == 2) {
    if (bytes > capacity) {
      free(data);
      capacity = (bytes + 4095) / 4096 * 4096;
      data = aligned_alloc(4096, (size_t)capacity);
      if (!data) {
        fprintf(stderr, "allreduce: no memory for %ld bytes\n", bytes);
        MPI_Abort(MPI_COMM_WORLD, 1);
      }
      memset(data, 0, (size_t)capacity);
    }
    const int count = (int)(bytes / (long)sizeof(float));
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int i = 0; i < times; i++) {
      MPI_Allreduce(MPI_IN_PLACE, data, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }
    double seconds = (MPI_Wtime() - start) / times;
    double slowest;
    MPI_Reduce(&seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0) {
      printf("time %.9e\n", slowest);
      fflush(stdout);
    }
  }
  free(data);
  fclose(commands);
  MPI_Finalize();
  return 0;
}
