/* Modules are shared libraries of this machine; their kernels run in the calling thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

/* The loader takes a path that it has seen for the same library, if that is still there: every module has its own. */
#define MOST_SLASHES 2000
static unsigned loaded;

struct CUmod_st {
  fake_kind kind;
  void *library;
  fake_launch *launch;
  char *kernels; /* lines of a name and a letter for each parameter */
  struct CUfunc_st *functions;
};

/* How far the image goes: its section table comes last. */
static size_t image_bytes(const Elf64_Ehdr *header) {
  return header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
}

static CUresult refuse(unsigned count, CUjit_option *options, void **values, const char *words) {
  char *log = NULL;
  size_t room = 0;
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER) log = values[i];
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) room = (size_t)(uintptr_t)values[i];
  }
  if (log != NULL && room > 0) snprintf(log, room, "%s", words);
  return CUDA_ERROR_INVALID_IMAGE;
}

FAKE_API CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int count, CUjit_option *options,
                                     void **values) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  const Elf64_Ehdr *header = image;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return refuse(count, options, values, "the image is no ELF file");
  if (header->e_machine != EM_X86_64) return refuse(count, options, values, "the image is not for this machine");
  int file = memfd_create("kiln-fake-cuda-module", 0);
  size_t bytes = image_bytes(header);
  bool written = file >= 0 && write(file, image, bytes) == (ssize_t)bytes;
  char path[MOST_SLASHES + 64] = "/proc/self/fd/";
  unsigned slashes = __atomic_fetch_add(&loaded, 1, __ATOMIC_SEQ_CST) % MOST_SLASHES;
  memset(path + strlen(path), '/', slashes);
  sprintf(path + strlen(path), "%d", file);
  void *library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (file >= 0) close(file);
  if (library == NULL) return refuse(count, options, values, dlerror());
  fake_launch *launch = (fake_launch *)dlsym(library, "kiln_shim_launch");
  int64_t (*list)(char *, int64_t) = (int64_t (*)(char *, int64_t))dlsym(library, "kiln_shim_kernels");
  if (launch == NULL || list == NULL) {
    dlclose(library);
    return refuse(count, options, values, "the image has no kiln_shim_launch and kiln_shim_kernels");
  }
  int64_t room = list(NULL, 0);
  *module = calloc(1, sizeof(**module));
  **module = (struct CUmod_st){FAKE_MODULE, library, launch, calloc(1, (size_t)room), NULL};
  list((*module)->kernels, room);
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuModuleUnload(CUmodule module) {
  if (!fake_is(module, FAKE_MODULE)) return CUDA_ERROR_INVALID_HANDLE;
  fake_finish_all(); /* kernels of it that are queued */
  for (struct CUfunc_st *f = module->functions; f != NULL; f = f->next) f->kind = 0;
  module->kind = 0;
  free(module->kernels);
  dlclose(module->library);
  fake_made(-1);
  return CUDA_SUCCESS;
}

/* Bytes of a parameter by its letter: pointer, 32 bits, 64 bits, float, double, structure of 96 bytes. */
static unsigned bytes_of(char letter) {
  switch (letter) {
    case 'i':
    case 'f': return 4;
    case 'p':
    case 'l':
    case 'd': return 8;
    case 's': return 96;
    default: return 0;
  }
}

/* The letters of a kernel's parameters, up to the end of the line; null if there is no such kernel. */
static const char *letters_of(const char *kernels, const char *name) {
  size_t length = strlen(name);
  for (const char *line = kernels; line != NULL && *line != 0; line = strchr(line, '\n') + 1) {
    if (strncmp(line, name, length) == 0 && line[length] == ' ') return line + length + 1;
  }
  return NULL;
}

FAKE_API CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  if (!fake_is(module, FAKE_MODULE)) return CUDA_ERROR_INVALID_HANDLE;
  const char *letters = letters_of(module->kernels, name);
  struct CUfunc_st f = {.kind = FAKE_FUNCTION, .launch = module->launch, .max_shared_bytes = FAKE_SHARED_BYTES};
  if (letters == NULL || strlen(name) >= sizeof(f.name)) return CUDA_ERROR_NOT_FOUND;
  strcpy(f.name, name);
  for (; *letters != '\n'; letters++) {
    unsigned end = f.param_at[f.num_params] + (bytes_of(*letters) + 15) / 16 * 16;
    if (bytes_of(*letters) == 0 || f.num_params == FAKE_MAX_PARAMS || end > FAKE_PARAM_BYTES) return CUDA_ERROR_INVALID_IMAGE;
    f.param_bytes[f.num_params] = bytes_of(*letters);
    f.param_at[++f.num_params] = end;
  }
  f.next = module->functions;
  *function = malloc(sizeof(f));
  **function = f;
  module->functions = *function;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction function) {
  if (!fake_is(function, FAKE_FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = 1024; break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = function->max_shared_bytes; break;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  if (!fake_is(function, FAKE_FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > FAKE_SHARED_BYTES_OPTIN) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  function->max_shared_bytes = value;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function, int threads, size_t shared) {
  if (!fake_is(function, FAKE_FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  if (threads < 1 || threads > 1024) return CUDA_ERROR_INVALID_VALUE;
  *blocks = shared > (size_t)function->max_shared_bytes ? 0 : 2048 / threads;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction function, void **params, void **extra) {
  if (!fake_is(function, FAKE_FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  if (config->gridDimX == 0 || config->gridDimY != 1 || config->gridDimZ != 1) return CUDA_ERROR_INVALID_VALUE;
  if (config->blockDimX == 0 || config->blockDimY != 1 || config->blockDimZ != 1 || config->blockDimX > 1024) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (extra != NULL || config->sharedMemBytes > (unsigned)function->max_shared_bytes) return CUDA_ERROR_INVALID_VALUE;
  for (unsigned i = 0; i < config->numAttrs; i++) {
    const CUlaunchAttribute *attribute = &config->attrs[i];
    if (attribute->id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
      unsigned x = attribute->value.clusterDim.x;
      if (x == 0 || config->gridDimX % x != 0) return CUDA_ERROR_INVALID_VALUE;
    } else if (attribute->id != CU_LAUNCH_ATTRIBUTE_COOPERATIVE || attribute->value.cooperative != 1) {
      return CUDA_ERROR_INVALID_VALUE;
    }
  }
  fake_work work = {
      .what = WORK_KERNEL, .function = function, .blocks = config->gridDimX, .threads = config->blockDimX};
  for (int i = 0; i < function->num_params; i++) {
    memcpy(&work.params[function->param_at[i]], params[i], function->param_bytes[i]);
  }
  return fake_submit(config->hStream, &work);
}

FAKE_API CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                                 unsigned int block_x, unsigned int block_y, unsigned int block_z, unsigned int shared_bytes,
                                 CUstream stream, void **params, void **extra) {
  CUlaunchConfig config = {grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes, stream, NULL, 0};
  return cuLaunchKernelEx(&config, function, params, extra);
}
