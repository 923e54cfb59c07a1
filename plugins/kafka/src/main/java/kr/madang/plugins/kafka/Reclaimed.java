package kr.madang.plugins.kafka;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * An allocator that remembers what it gave. Arrow's reader forgets buffers when a stream lies to it
 * half-way; here they can be taken back.
 */
final class Reclaimed {
  private final List<ArrowBuf> given = new ArrayList<>();
  private final BufferAllocator view;

  Reclaimed(BufferAllocator allocator) {
    view =
        (BufferAllocator)
            Proxy.newProxyInstance(
                BufferAllocator.class.getClassLoader(),
                new Class<?>[] {BufferAllocator.class},
                (_, method, arguments) -> {
                  try {
                    Object result = method.invoke(allocator, arguments);
                    if (result instanceof ArrowBuf buffer && method.getName().equals("buffer")) {
                      given.add(buffer);
                    }
                    return result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause() == null ? e : e.getCause();
                  }
                });
  }

  /** What is handed to the reader. */
  BufferAllocator allocator() {
    return view;
  }

  /** Frees what nobody freed; the reader and all that it gave must be out of use. */
  void takeBack() {
    for (ArrowBuf buffer : given) {
      while (buffer.refCnt() > 0) {
        buffer.getReferenceManager().release();
      }
    }
    given.clear();
  }
}
