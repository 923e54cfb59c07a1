package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.inference.onnx.OnnxModel.External;
import kr.madang.inference.onnx.OnnxModel.Weights;

/** The files beside a model that hold its weights: which, and whether they may be read. */
public final class DataFiles {
  private static final int MOST_REASONS = 20;

  private DataFiles() {}

  /** The names of the files, in the order of their first use. */
  public static List<String> names(OnnxModel model) {
    Map<String, Boolean> names = new LinkedHashMap<>();
    model.forEachWeights(weights -> {
      External external = weights.external();
      if (external != null) {
        names.put(external.location(), true);
      }
    });
    return List.copyOf(names.keySet());
  }

  /**
   * What is wrong with them.
   *
   * @param folder in which they must lie
   * @param strange whether the folder comes from somebody else: then a file that also has another
   *     name on this machine is refused, and so is what only this house writes
   */
  static List<Reason> refused(OnnxModel model, Path folder, boolean strange) {
    List<Reason> reasons = new ArrayList<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (String name : names(model)) {
      Reason reason = refused(name, folder, strange);
      if (reason != null) {
        reasons.add(reason);
      } else {
        sizes.put(name, size(folder.resolve(name)));
      }
    }
    model.forEachWeights(weights -> {
      if (reasons.size() < MOST_REASONS) {
        within(weights, sizes, strange, reasons);
      }
    });
    return reasons;
  }

  private static @org.jspecify.annotations.Nullable Reason refused(
      String name, Path folder, boolean strange) {
    String where = "external data '" + shown(name) + "'";
    String wanted = "the plain name of a file beside model.onnx";
    if (name.isEmpty()
        || name.length() > 255
        || name.startsWith(".")
        || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')) {
      return new Reason(where, wanted, "'" + shown(name) + "'");
    }
    Path file = folder.resolve(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return new Reason(where, wanted, "no such file");
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return new Reason(where, wanted, Files.isSymbolicLink(file) ? "a link" : "no file");
    }
    if (strange && names(file) > 1) {
      return new Reason(where, "a file with one name", "one with " + names(file) + " (hard links)");
    }
    return null;
  }

  private static String shown(String name) {
    String plain = name.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 80 ? plain : plain.substring(0, 80) + "…";
  }

  private static int names(Path file) {
    try {
      return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) instanceof Integer n
          ? n
          : 1;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return 1;
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return -1;
    }
  }

  private static void within(
      Weights weights, Map<String, Long> sizes, boolean strange, List<Reason> reasons) {
    External external = weights.external();
    if (external == null) {
      return;
    }
    Long size = sizes.get(external.location());
    String where = "tensor '" + weights.name() + "'";
    if (size != null && (external.offset() > size || weights.bytes() > size - external.offset())) {
      reasons.add(
          new Reason(
              where,
              "%,d bytes from byte %,d of '%s'"
                  .formatted(weights.bytes(), external.offset(), external.location()),
              "a file of %,d bytes".formatted(size)));
    }
    if (strange && external.prepacked()) {
      reasons.add(new Reason(where, "plain external data", "weights packed for another machine"));
    }
    if (weights.sparse() || weights.type() == Elements.STRING) {
      reasons.add(new Reason(where, "its values in the file", "external data of such a tensor"));
    }
  }
}
