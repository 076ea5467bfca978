# native/cuda twice: by nvcc to kiln_cuda.fatbin, beside the other libraries, and by g++ with host/shim.h to
# libkiln_cuda_shim.so, which runs the same sources on the processor for tests. Either is left out where its compiler is missing.
set(KILN_CUDA_SHIM_OUT "${CMAKE_BINARY_DIR}/shim" CACHE PATH "Where the library goes that runs CUDA kernels on the processor")
set(KILN_CUDA_FATBIN "${KILN_NATIVE_OUT}/kiln_cuda.fatbin")
set(KILN_CUDA_ARCHITECTURES_FILE "${KILN_NATIVE_OUT}/kiln_cuda.architectures") # what it is compiled for, for people to read
file(GLOB KILN_DEVICE_SOURCES CONFIGURE_DEPENDS native/cuda/*.cu)
file(GLOB KILN_DEVICE_HEADERS CONFIGURE_DEPENDS native/cuda/*.h)

find_program(KILN_NVCC nvcc HINTS ENV CUDA_HOME PATHS /usr/local/cuda PATH_SUFFIXES bin)
set(KILN_NVCC_VERSION 0)
if(KILN_NVCC)
  execute_process(COMMAND "${KILN_NVCC}" --version OUTPUT_VARIABLE KILN_NVCC_SAYS)
  string(REGEX REPLACE ".*release ([0-9.]+),.*" "\\1" KILN_NVCC_VERSION "${KILN_NVCC_SAYS}")
endif()
if(KILN_NVCC_VERSION VERSION_LESS 12.8)
  message(STATUS "No nvcc of CUDA 12.8 or newer (CUDA_HOME, PATH): the CUDA backend is left out")
  file(REMOVE "${KILN_CUDA_FATBIN}" "${KILN_CUDA_ARCHITECTURES_FILE}")
else()
  # One file with all kernels, each source in a namespace of its own: one module to load, and half the time of a compilation each.
  set(KILN_CUDA_ALL "#include <float.h>\n#include <math.h>\n")
  foreach(header IN LISTS KILN_DEVICE_HEADERS)
    string(APPEND KILN_CUDA_ALL "#include \"${header}\"\n")
  endforeach()
  foreach(source IN LISTS KILN_DEVICE_SOURCES)
    get_filename_component(name "${source}" NAME_WE)
    string(APPEND KILN_CUDA_ALL "namespace file_${name} {\n#include \"${source}\"\n}\n")
  endforeach()
  file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/kiln_cuda.cu" CONTENT "${KILN_CUDA_ALL}")
  # Code for sm_80 and sm_90, and PTX that drivers compile for what is newer.
  set(KILN_CUDA_ARCHITECTURES sm_80,sm_90,compute_80)
  file(GENERATE OUTPUT "${KILN_CUDA_ARCHITECTURES_FILE}" CONTENT "${KILN_CUDA_ARCHITECTURES}\n")
  add_custom_command(OUTPUT "${KILN_CUDA_FATBIN}"
    COMMAND "${KILN_NVCC}" -std=c++17 -O3 --threads 2 -Werror all-warnings -fatbin --compress-mode=size
      "-gencode=arch=compute_80,code=[${KILN_CUDA_ARCHITECTURES}]" -o "${KILN_CUDA_FATBIN}" "${CMAKE_BINARY_DIR}/kiln_cuda.cu"
    DEPENDS ${KILN_DEVICE_SOURCES} ${KILN_DEVICE_HEADERS} "${CMAKE_BINARY_DIR}/kiln_cuda.cu"
    COMMENT "Compiling CUDA kernels" VERBATIM)
  add_custom_target(kiln_cuda ALL DEPENDS "${KILN_CUDA_FATBIN}")
endif()

include(CheckLanguage)
check_language(CXX)
if(NOT CMAKE_CXX_COMPILER)
  message(STATUS "No C++ compiler (Debian package g++): CUDA kernels cannot be tested without a GPU")
else()
  enable_language(CXX)
  file(GLOB KILN_SHIM_KERNELS CONFIGURE_DEPENDS native/cuda/host/*.cu)
  file(GLOB KILN_SHIM_SOURCES CONFIGURE_DEPENDS native/cuda/host/*.cpp)
  list(PREPEND KILN_SHIM_KERNELS ${KILN_DEVICE_SOURCES})
  add_library(kiln_cuda_shim SHARED ${KILN_SHIM_KERNELS} ${KILN_SHIM_SOURCES})
  set_source_files_properties(${KILN_SHIM_KERNELS} PROPERTIES LANGUAGE CXX
    COMPILE_OPTIONS "-x;c++;-fsanitize=bounds;-fno-sanitize-recover=bounds;-Wno-unknown-pragmas;-Wno-unused-but-set-variable")
  target_compile_definitions(kiln_cuda_shim PRIVATE KILN_HOST)
  target_compile_features(kiln_cuda_shim PRIVATE cxx_std_17)
  target_compile_options(kiln_cuda_shim PRIVATE -O2 -fvisibility=hidden -Wall -Wextra -Werror)
  target_link_options(kiln_cuda_shim PRIVATE -Wl,-z,defs)
  set_target_properties(kiln_cuda_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${KILN_CUDA_SHIM_OUT}")
endif()
