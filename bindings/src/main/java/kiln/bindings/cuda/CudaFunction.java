package kiln.bindings.cuda;

import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import kiln.bindings.NativeException;
import kiln.bindings.UserException;

/**
 * A bound function, kept in a static final field. Where the library or the function is missing, calls throw a
 * {@link UserException} that says so. A function that returns a status is called by {@link #call}, or, where time matters, by
 * {@code f.check((int) f.handle().invokeExact(…))}.
 *
 * @param isPresent whether the library has it
 */
record CudaFunction(CudaLibrary library, String name, MethodHandle handle, boolean isPresent) {
  /** Every status of these libraries that is not a failure. */
  private static final int SUCCESS = 0;

  private static final MethodHandle NEW = newUserException();

  static CudaFunction of(CudaLibrary library, String name, FunctionDescriptor descriptor) {
    SymbolLookup symbols;
    try {
      symbols = CudaLibraries.lookup(library);
    } catch (UserException e) {
      return new CudaFunction(library, name, thrower(descriptor, e.getMessage()), false);
    }
    Optional<MemorySegment> address = symbols.find(name);
    if (address.isEmpty()) {
      String line =
          library.stem() + ": found no function " + name + ", expected version " + library.oldest() + " or newer";
      return new CudaFunction(library, name, thrower(descriptor, line), false);
    }
    return new CudaFunction(library, name, Linker.nativeLinker().downcallHandle(address.get(), descriptor), true);
  }

  /**
   * Calls it and checks its status. Arguments are boxed: for calls that prepare, not for those of a step.
   *
   * @throws NativeException if the status is not success
   */
  void call(Object... arguments) {
    try {
      check((int) handle.invokeWithArguments(arguments));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * @throws NativeException if the status is not success: with this function's name and the library's own words
   */
  void check(int status) {
    if (status != SUCCESS) {
      throw new NativeException(library.stem(), name, status, CudaStatus.text(library, status));
    }
  }

  /** The failure of a call, with words on what it was about. */
  NativeException failure(int status, String about) {
    return new NativeException(library.stem(), name, status, CudaStatus.text(library, status) + ": " + about);
  }

  private static MethodHandle thrower(FunctionDescriptor descriptor, String line) {
    MethodType type = descriptor.toMethodType();
    MethodHandle thrower = MethodHandles.throwException(type.returnType(), UserException.class);
    MethodHandle made = MethodHandles.foldArguments(thrower, MethodHandles.insertArguments(NEW, 0, line));
    return MethodHandles.dropArguments(made, 0, type.parameterList());
  }

  private static MethodHandle newUserException() {
    try {
      return MethodHandles.lookup()
          .findConstructor(UserException.class, MethodType.methodType(void.class, String.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
