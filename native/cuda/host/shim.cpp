/* Runs kernels as a GPU would, as far as their results can tell, and stops with a message where a GPU would hang or give
 * something undefined:
 *
 *   - a barrier of the block, or of a warp, is reached by all its threads, none having ended, at one place of the source;
 *   - functions of a warp are called with the mask of all 32 lanes; blocks are whole warps;
 *   - an index into a shared array is inside it (g++'s -fsanitize=bounds calls __ubsan_handle_out_of_bounds_abort);
 *   - shared memory is NaN (all bits set) when a block starts, so that reading what nobody wrote shows;
 *   - blocks, warps and lanes take turns in ascending or in descending order, as kiln_shim_order says: where a barrier is
 *     missing, the two differ.
 *
 * One launch runs at a time. A launch that stopped leaves its fibers where they are; their stacks are used again. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fibers.h"

kiln_dim threadIdx, blockIdx, blockDim, gridDim;

extern "C" __attribute__((visibility("hidden"))) char __start_kiln_shared[], __stop_kiln_shared[];

namespace kiln_shim {
namespace {

constexpr unsigned LANES = 32;

struct place {
  const char *file = nullptr;
  int line = 0;
  bool operator==(const place &other) const { return line == other.line && strcmp(file, other.file) == 0; }
};

/* Where a group of threads, a warp or a block, waits for its last one. */
struct meeting {
  const char *what = nullptr;
  unsigned members = 0, arrived = 0;
  uint64_t rounds = 0;
  place where;
};

enum class state { NEW, RUNNING, WAITING, ENDED };

struct fiber {
  unsigned index = 0;
  state now = state::NEW;
  void *saved = nullptr;
  stack *on = nullptr;
  const meeting *at = nullptr; /* while WAITING */
  uint64_t round = 0;          /* the one that it waits for the end of */
  place where;
};

struct warp {
  meeting meet;
  uint64_t values[2][LANES];
};

std::map<std::string, kernel> &kernels() {
  static std::map<std::string, kernel> all;
  return all;
}

std::mutex launching;
std::vector<std::unique_ptr<stack>> stacks;
std::vector<stack *> free_stacks;
std::vector<fiber> fibers;
std::vector<warp> warps;
meeting block;
fiber *current;
void *scheduler;
const kernel *running;
void **running_arguments;
std::string failure;
bool descending;

std::string name_of(const place &p) {
  const char *slash = strrchr(p.file, '/');
  return std::string(slash ? slash + 1 : p.file) + ":" + std::to_string(p.line);
}

/* Ends the launch; called on a fiber, does not return. */
[[noreturn]] void fail(const std::string &message) {
  failure = "thread " + std::to_string(current->index) + " of block " + std::to_string(blockIdx.x) + ": " + message;
  void *nowhere;
  kiln_switch_fiber(&nowhere, scheduler);
  abort();
}

/* The last of the group opens the meeting for all and goes on; the others wait. */
void meet(meeting &m, const place &where) {
  if (m.arrived == 0) {
    m.where = where;
  } else if (!(m.where == where)) {
    fail(std::string(m.what) + " at " + name_of(where) + " while others are at the one at " + name_of(m.where));
  }
  if (++m.arrived == m.members) {
    m.arrived = 0;
    m.rounds++;
    return;
  }
  current->at = &m;
  current->round = m.rounds;
  current->where = where;
  current->now = state::WAITING;
  kiln_switch_fiber(&current->saved, scheduler);
}

void run_thread() {
  running->call(running->function, running_arguments);
  current->now = state::ENDED;
  free_stacks.push_back(current->on);
  void *nowhere;
  kiln_switch_fiber(&nowhere, scheduler);
  abort();
}

stack *take_stack() {
  if (free_stacks.empty()) {
    stacks.push_back(std::make_unique<stack>());
    return stacks.back().get();
  }
  stack *last = free_stacks.back();
  free_stacks.pop_back();
  return last;
}

/* Lets a thread run until it waits or ends; false if it cannot. */
bool go_on(fiber &f) {
  if (f.now == state::ENDED || (f.now == state::WAITING && f.at->rounds == f.round)) return false;
  if (f.now == state::NEW) {
    f.on = take_stack();
    f.saved = f.on->start(run_thread);
  }
  f.now = state::RUNNING;
  current = &f;
  threadIdx.x = f.index;
  kiln_switch_fiber(&scheduler, f.saved);
  return true;
}

/* Says who hinders whom. */
std::string deadlock() {
  unsigned ended = 0;
  std::map<std::string, unsigned> waiting;
  for (const fiber &f : fibers) {
    if (f.now == state::ENDED) {
      ended++;
    } else {
      waiting[std::string(f.at->what) + " at " + name_of(f.where)]++;
    }
  }
  std::string message = "block " + std::to_string(blockIdx.x) + ": ";
  message += std::to_string(ended) + " threads have ended";
  for (const auto &[where, count] : waiting) message += ", " + std::to_string(count) + " wait for others in " + where;
  return message;
}

void run_block() {
  memset(__start_kiln_shared, 0xff, (size_t)(__stop_kiln_shared - __start_kiln_shared));
  block = meeting{"__syncthreads", (unsigned)fibers.size(), 0, 0, {}};
  for (warp &w : warps) w.meet = meeting{"a function of the warp", LANES, 0, 0, {}};
  for (unsigned i = 0; i < fibers.size(); i++) {
    fibers[i] = fiber{};
    fibers[i].index = i;
  }
  for (bool any = true; any && failure.empty();) {
    any = false;
    for (unsigned w = 0; w < warps.size() && failure.empty(); w++) {
      unsigned first = (descending ? (unsigned)warps.size() - 1 - w : w) * LANES;
      /* A warp goes on until all its threads wait for the block or have ended. */
      for (bool again = true; again && failure.empty();) {
        again = false;
        for (unsigned l = 0; l < LANES && failure.empty(); l++) {
          again |= go_on(fibers[first + (descending ? LANES - 1 - l : l)]);
        }
        any |= again;
      }
    }
  }
  if (!failure.empty()) return;
  if (std::any_of(fibers.begin(), fibers.end(), [](const fiber &f) { return f.now != state::ENDED; })) failure = deadlock();
}

}  // namespace

void add(const kernel &k) { kernels()[k.name] = k; }

unsigned lane() { return threadIdx.x % LANES; }

void block_barrier(const char *file, int line) { meet(block, {file, line}); }

void warp_barrier(unsigned mask, const char *file, int line) {
  if (mask != 0xffffffffu) fail("a mask that is not of all lanes at " + name_of({file, line}));
  meet(warps[threadIdx.x / LANES].meet, {file, line});
}

/* Two sets of values by turns: who has come to the next exchange may write while others still read those of this one, but nobody
 * comes to the one after that before they have. */
const uint64_t *exchange(unsigned mask, uint64_t value, const char *file, int line) {
  warp &w = warps[threadIdx.x / LANES];
  uint64_t *values = w.values[w.meet.rounds % 2];
  values[lane()] = value;
  warp_barrier(mask, file, line);
  return values;
}

}  // namespace kiln_shim

using namespace kiln_shim;

/* What g++ has compiled calls where an index is not inside an array of known size. */
extern "C" __attribute__((visibility("hidden"))) void __ubsan_handle_out_of_bounds_abort(void *data, void *index) {
  struct source {
    const char *file;
    uint32_t line, column;
  };
  const source *at = static_cast<const source *>(data);
  fail("index " + std::to_string((intptr_t)index) + " is out of bounds at " + name_of({at->file, (int)at->line}));
}

extern "C" {

/* Returns 0, or 1 with a line of text in message, which has room for size bytes. arguments points to pointers to them. */
__attribute__((visibility("default"))) int32_t kiln_shim_launch(const char *name, int64_t blocks, int32_t threads,
                                                                void **arguments, char *message, int64_t size) {
  std::lock_guard<std::mutex> lock(launching);
  auto found = kernels().find(name);
  failure.clear();
  if (found == kernels().end()) {
    failure = "there is no such kernel";
  } else if (threads <= 0 || threads > 1024 || threads % (int32_t)LANES != 0 || blocks <= 0 || blocks > INT32_MAX) {
    failure = "found " + std::to_string(blocks) + " blocks of " + std::to_string(threads) + " threads, expected whole warps";
  } else {
    running = &found->second;
    running_arguments = arguments;
    fibers.resize((size_t)threads);
    warps.resize((size_t)threads / LANES);
    free_stacks.clear();
    for (auto &s : stacks) free_stacks.push_back(s.get());
    gridDim = {(unsigned)blocks, 1, 1};
    blockDim = {(unsigned)threads, 1, 1};
    threadIdx = {0, 0, 0};
    for (int64_t b = 0; b < blocks && failure.empty(); b++) {
      blockIdx = {(unsigned)(descending ? blocks - 1 - b : b), 0, 0};
      run_block();
    }
  }
  if (failure.empty()) return 0;
  snprintf(message, (size_t)size, "%s: %s", name, failure.c_str());
  return 1;
}

/* Writes a line "name letters" for every kernel; returns the bytes that takes, with the zero at the end. */
__attribute__((visibility("default"))) int64_t kiln_shim_kernels(char *text, int64_t size) {
  std::string all;
  for (const auto &[name, k] : kernels()) all += name + " " + k.arguments + "\n";
  snprintf(text, (size_t)size, "%s", all.c_str());
  return (int64_t)all.size() + 1;
}

/* Whether blocks, warps and lanes take turns from the last to the first. */
__attribute__((visibility("default"))) void kiln_shim_order(int32_t is_descending) {
  std::lock_guard<std::mutex> lock(launching);
  descending = is_descending != 0;
}
}
