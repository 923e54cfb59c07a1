package kr.madang.inference;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The memory that this process has at a moment; zeros where the system does not tell.
 *
 * @param bytes that are in memory, but for the Java heap, which comes and goes as it likes
 * @param own the part of them that was written to, which nobody shares
 * @param real the same as bytes with what is mapped several times counted once
 * @param heap bytes of the Java heap that are in memory, as far as it lies where it usually does
 */
record Resident(long bytes, long own, long real, long heap) {
  private static final Path MAPS = Path.of("/proc/self/smaps");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final Optional<MethodHandle> TRIM = trimmer();

  /** Heaps of up to 32 GiB lie below, and nothing else of size. */
  private static final long HEAP_END = 32L << 30;

  static Resident now() {
    try (BufferedReader reader = Files.newBufferedReader(MAPS, StandardCharsets.ISO_8859_1)) {
      long bytes = 0;
      long own = 0;
      long real = 0;
      long heap = 0;
      boolean inHeap = false;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        int dash = line.indexOf('-');
        if (dash > 0 && dash <= 16 && line.indexOf(':') > dash + 9) {
          inHeap = Long.parseUnsignedLong(line.substring(0, dash), 16) < HEAP_END;
        } else if (line.startsWith("Rss:")) {
          long size = kilobytes(line);
          bytes += inHeap ? 0 : size;
          heap += inHeap ? size : 0;
        } else if (line.startsWith("Private_Dirty:") && !inHeap) {
          own += kilobytes(line);
        } else if (line.startsWith("Pss:") && !inHeap) {
          real += kilobytes(line);
        }
      }
      return new Resident(bytes, own, real, heap);
    } catch (IOException | RuntimeException e) {
      return new Resident(0, 0, 0, 0);
    }
  }

  /** Starts to look for the most that is in memory at once; false where it cannot be seen. */
  static boolean watchPeak() {
    try {
      Files.writeString(CLEAR, "5");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The most since {@link #watchPeak}. */
  static long peak() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          return kilobytes(line);
        }
      }
    } catch (IOException | RuntimeException e) {
      // it is not told
    }
    return 0;
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
  }

  /** Gives back what the C library keeps of freed memory, so that what is left can be seen. */
  static void trim() {
    TRIM.ifPresent(trim -> {
      try {
        int _ = (int) trim.invokeExact(0L);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> trimmer() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> found = linker.defaultLookup().find("malloc_trim");
    return found.map(function ->
        linker.downcallHandle(
            function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));
  }
}
