/* Stacks of their own between which one thread of the system changes: what a kernel's threads are here. x86-64, System V. */
#ifndef KILN_HOST_FIBERS_H
#define KILN_HOST_FIBERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <new>
#include <vector>

/* Saves what a function must keep and its stack in *from, and goes on where `to` was saved. */
extern "C" void kiln_switch_fiber(void **from, void *to);

namespace kiln_shim {

class stack {
 public:
  stack() {
    memory = static_cast<char *>(
        mmap(nullptr, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mprotect(memory, PAGE, PROT_NONE); /* whoever runs over the end stops here */
  }
  ~stack() { munmap(memory, BYTES); }
  stack(const stack &) = delete;
  stack &operator=(const stack &) = delete;

  /* What to switch to so that entry, which must not return, starts on this stack. */
  void *start(void (*entry)()) const {
    void **top = reinterpret_cast<void **>(memory + BYTES) - 2; /* so that entry finds the alignment that a call leaves */
    *top = reinterpret_cast<void *>(entry);
    for (int i = 0; i < SAVED; i++) *--top = nullptr;
    return top;
  }

 private:
  static constexpr size_t PAGE = 4096, BYTES = 32 * PAGE;
  static constexpr int SAVED = 6; /* registers that kiln_switch_fiber takes from the stack */
  char *memory;
};

}  // namespace kiln_shim

#endif
