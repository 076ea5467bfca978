/* The kernels that the library has, by name, and how to call one with an array of pointers to its arguments, as cuLaunchKernel
 * takes them. */
#ifndef KILN_HOST_REGISTRY_H
#define KILN_HOST_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <utility>

namespace kiln_shim {

typedef void (*any_function)();

struct kernel {
  const char *name;
  std::string arguments; /* a letter for each, see letter_of */
  any_function function;
  void (*call)(any_function function, void **arguments);
};

void add(const kernel &k);

/* p pointer, i 32 bits, l 64 bits, f float, d double, s structure of 96 bytes */
template <typename A>
constexpr char letter_of() {
  if (__is_class(A)) return sizeof(A) == 96 ? 's' : '?';
  return sizeof(A) == 4 ? 'i' : 'l';
}
template <>
constexpr char letter_of<float>() { return 'f'; }
template <>
constexpr char letter_of<double>() { return 'd'; }

template <typename A>
struct letter {
  static constexpr char value = letter_of<A>();
};
template <typename A>
struct letter<A *> {
  static constexpr char value = 'p';
};

template <typename... A>
struct caller {
  typedef void (*function)(A...);

  template <size_t... I>
  static void unpack(function f, void **arguments, std::index_sequence<I...>) {
    f(*static_cast<A *>(arguments[I])...);
  }

  static void call(any_function f, void **arguments) {
    unpack(reinterpret_cast<function>(f), arguments, std::index_sequence_for<A...>());
  }
};

struct registration {
  template <typename... A>
  registration(const char *name, void (*f)(A...)) {
    add({name, std::string{letter<A>::value...}, reinterpret_cast<any_function>(f), &caller<A...>::call});
  }
};

}  // namespace kiln_shim

#define KILN_REGISTER(kernel) static const kiln_shim::registration registration_of_##kernel(#kernel, kernel)

#endif
