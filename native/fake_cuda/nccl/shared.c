/* The memory that ranks share: processes of one machine, or threads of one process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_nccl.h"

comm *fake_map(const char *name, int rank, int size) {
  comm *c = calloc(1, sizeof(comm));
  c->rank = rank;
  c->size = size;
  atomic_store(&c->uses, 1);
  snprintf(c->name, sizeof(c->name), "%s", name);
  int file = shm_open(name, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof(shared)) != 0) {
    if (file >= 0) close(file);
    free(c);
    return NULL;
  }
  c->memory = mmap(NULL, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (c->memory == MAP_FAILED) {
    free(c);
    return NULL;
  }
  atomic_store(&c->memory->ranks[rank].pid, (int32_t)getpid());
  atomic_store(&c->memory->ranks[rank].state, JOINED);
  return c;
}

bool fake_all_joined(comm *c) {
  for (int r = 0; r < c->size; r++) {
    if (atomic_load(&c->memory->ranks[r].state) == ABSENT) return false;
  }
  shm_unlink(c->name); /* the first to see it does; for the others it is gone already */
  return true;
}

/* A process that has ended, and maybe not been waited for. */
static bool is_dead(int32_t pid) {
  if (kill(pid, 0) != 0) return errno == ESRCH;
  char path[64], line[256] = "";
  snprintf(path, sizeof(path), "/proc/%d/stat", pid);
  FILE *stat = fopen(path, "r");
  if (stat == NULL) return true;
  const char *read = fgets(line, sizeof(line), stat);
  fclose(stat);
  const char *name_end = read == NULL ? NULL : strrchr(line, ')');
  return name_end == NULL || name_end[2] == 'Z' || name_end[2] == 'X';
}

/* KILN_FAKE_NCCL_BLIND: like ranks that reach each other's memory directly, and are not told when it is gone. */
bool fake_peer_gone(const comm *c) {
  if (getenv("KILN_FAKE_NCCL_BLIND") != NULL) return false;
  for (int r = 0; r < c->size; r++) {
    const rank_part *part = &c->memory->ranks[r];
    int32_t state = atomic_load(&part->state);
    if (state == ABORTED || (state == JOINED && is_dead(atomic_load(&part->pid)))) return true;
  }
  return false;
}

void fake_forget(comm *c) {
  if (atomic_fetch_sub(&c->uses, 1) == 1) {
    munmap(c->memory, sizeof(shared));
    memset(c, 0xff, sizeof(*c));
    free(c);
  }
}
