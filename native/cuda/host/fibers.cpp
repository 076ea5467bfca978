#include "fibers.h"

asm(R"(
  .text
  .globl kiln_switch_fiber
  .hidden kiln_switch_fiber
  .type kiln_switch_fiber, @function
kiln_switch_fiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size kiln_switch_fiber, .-kiln_switch_fiber
)");
