package kr.madang.gateway.flight;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import org.jspecify.annotations.Nullable;

/** What a path of a {@code FlightDescriptor} means. */
sealed interface Descriptor {
  /** {@code ["models", NAME]} or {@code ["models", NAME, VERSION]}; no version is "". */
  record Model(String name, String version) implements Descriptor {}

  /**
   * {@code ["pipelines", PIPELINE, STAGE]} or {@code ["pipelines", WORKSPACE, PIPELINE, STAGE]}; no
   * workspace is "".
   */
  record Stage(String workspace, String pipeline, String stage) implements Descriptor {}

  private static Refusal wrong(String got) {
    return new Refusal(
        Status.INVALID,
        "descriptor: expected the path [\"models\", NAME], [\"models\", NAME, VERSION],"
            + " [\"pipelines\", PIPELINE, STAGE] or [\"pipelines\", WORKSPACE, PIPELINE, STAGE],"
            + " got "
            + got);
  }

  static Descriptor of(@Nullable List<String> path) {
    if (path == null || path.isEmpty()) {
      throw wrong("none");
    }
    return switch (path.getFirst() + path.size()) {
      case "models2" -> new Model(path.get(1), "");
      case "models3" -> new Model(path.get(1), path.get(2));
      case "pipelines3" -> new Stage("", path.get(1), path.get(2));
      case "pipelines4" -> new Stage(path.get(1), path.get(2), path.get(3));
      default -> throw wrong(path.toString());
    };
  }

  static Model model(@Nullable List<String> path) {
    if (of(path) instanceof Model model) {
      return model;
    }
    throw new Refusal(Status.INVALID, "descriptor: expected the path of a model, got " + path);
  }

  static Stage stage(@Nullable List<String> path) {
    if (of(path) instanceof Stage stage) {
      return stage;
    }
    throw new Refusal(Status.INVALID, "descriptor: expected the path of a stage, got " + path);
  }

  /** The path of a descriptor within another message. */
  static List<String> path(CodedInputStream in) throws IOException {
    List<String> path = new ArrayList<>(4);
    Wire.nested(in, (field, message) -> part(path, field, message));
    return path;
  }

  /** The path of a descriptor that is the message. */
  static List<String> path(byte[] bytes) {
    List<String> path = new ArrayList<>(4);
    Wire.read(bytes, 0, bytes.length, (field, message) -> part(path, field, message));
    return path;
  }

  private static boolean part(List<String> path, int field, CodedInputStream in)
      throws IOException {
    if (field != 3) {
      return false;
    }
    String part = in.readStringRequireUtf8();
    if (path.size() == 4 || part.length() > 255) {
      throw wrong("a longer one");
    }
    path.add(part);
    return true;
  }

  /** The bytes of a descriptor. */
  static byte[] bytes(List<String> path) {
    return Wire.message(out -> {
      out.number(1, 1);
      for (String part : path) {
        out.item(3, part);
      }
    });
  }
}
