package kr.madang.inference;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kr.madang.inference.Placement.Provider;

/** Which execution providers and devices this process could use, and why not others. */
public final class Accelerators {
  private static final Path DEVICES = Path.of("/dev");

  private Accelerators() {}

  /**
   * What was found of a provider.
   *
   * @param usable whether nothing is missing that can be seen from here
   * @param devices that there are, as far as files tell
   * @param reason what is missing; empty if it is usable
   */
  public record Found(Provider provider, boolean usable, List<String> devices, String reason) {
    /** Makes the list unmodifiable. */
    public Found {
      devices = List.copyOf(devices);
    }
  }

  /** All of them. Loads nothing of ONNX Runtime; asks the linker for libraries of drivers. */
  public static List<Found> look() {
    return Arrays.stream(Provider.values()).map(Accelerators::look).toList();
  }

  /** One of them. */
  public static Found look(Provider provider) {
    return switch (provider) {
      case CPU ->
          new Found(
              provider, true, List.of(Runtime.getRuntime().availableProcessors() + " cores"), "");
      case CUDA ->
          nvidia(provider, "cuda", List.of("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9"));
      case TENSORRT -> nvidia(provider, "tensorrt", List.of("libcudart.so.12", "libnvinfer.so.10"));
      case OPENVINO -> {
        List<String> missing = new ArrayList<>();
        built("openvino", missing);
        libraries(List.of("libopenvino.so"), missing);
        yield found(provider, List.of("cores"), missing);
      }
    };
  }

  private static Found nvidia(Provider provider, String name, List<String> libraries) {
    List<String> missing = new ArrayList<>();
    List<String> devices = nodes();
    built(name, missing);
    if (devices.isEmpty()) {
      missing.add("there is no device file /dev/nvidia0");
    }
    if (!links("libcuda.so.1")) {
      missing.add("the driver is missing: libcuda.so.1 cannot be loaded");
    }
    libraries(libraries, missing);
    return found(provider, devices, missing);
  }

  private static Found found(Provider provider, List<String> devices, List<String> missing) {
    return new Found(provider, missing.isEmpty(), devices, String.join("; ", missing));
  }

  private static void libraries(List<String> names, List<String> missing) {
    for (String name : names) {
      if (!links(name)) {
        missing.add("library " + name + " cannot be loaded");
      }
    }
  }

  /** Whether ONNX Runtime was built with it: then a library of that name lies beside its own. */
  private static void built(String name, List<String> missing) {
    String file = System.mapLibraryName("onnxruntime_providers_" + name);
    String folder = System.getProperty("onnxruntime.native.path", "");
    boolean there =
        folder.isEmpty()
            ? Accelerators.class
                    .getClassLoader()
                    .getResource("ai/onnxruntime/native/linux-x64/" + file)
                != null
            : Files.isReadable(Path.of(folder, file));
    if (!there) {
      missing.add(
          "this build of ONNX Runtime has no "
              + file
              + (name.equals("openvino") ? "" : "; the gpu flavour of the distribution has"));
    }
  }

  private static List<String> nodes() {
    List<String> nodes = new ArrayList<>();
    if (Files.isDirectory(DEVICES)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(DEVICES, "nvidia[0-9]*")) {
        files.forEach(file -> nodes.add(file.toString()));
      } catch (IOException e) {
        return nodes;
      }
    }
    return nodes.stream().sorted().toList();
  }

  @SuppressWarnings("restricted")
  private static boolean links(String library) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(library, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
