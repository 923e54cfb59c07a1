package kr.madang.plugins.opcua;

import java.util.List;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * How values of a structure are written (OPC 10000-6 §5.2.6 to §5.2.8).
 *
 * @param encoding id that stands before each value; empty if not known
 * @param union whether only one part is there, named by a number
 * @param masked whether a mask says which optional parts are there
 */
record Shape(String encoding, boolean union, boolean masked, List<Part> parts) {

  /**
   * One field.
   *
   * @param builtIn number of the built-in type
   * @param nested its shape if it is a structure of its own
   * @param rank -1 for a scalar, above 0 for an array
   * @param type data type, for people and for the names of an enumeration
   */
  record Part(
      String name, int builtIn, Optional<Shape> nested, int rank, boolean optional, NodeId type) {}

  /** The field that a path leads to; throws what is wrong with the path. */
  Part at(FieldPath path) {
    Shape shape = this;
    for (int i = 0; ; i++) {
      FieldPath.Step step = path.steps().get(i);
      Part part =
          shape.parts.stream().filter(it -> it.name().equals(step.name())).findFirst().orElse(null);
      if (part == null) {
        throw new IllegalArgumentException(
            "field: expected one of "
                + shape.parts.stream().map(Part::name).toList()
                + ", got '"
                + step.name()
                + "'");
      }
      if (part.rank() > 0 != step.index() >= 0) {
        throw new IllegalArgumentException(
            "field: "
                + step.name()
                + (part.rank() > 0 ? " is an array, add an index" : " is no array"));
      }
      boolean last = i + 1 == path.steps().size();
      if (last) {
        return part;
      }
      if (part.nested().isEmpty()) {
        throw new IllegalArgumentException("field: " + step.name() + " holds no fields");
      }
      shape = part.nested().get();
    }
  }

  /**
   * Goes to the value that a path leads to.
   *
   * @return whether it is there
   */
  boolean seek(Cursor in, FieldPath path) {
    return seek(in, path, 0);
  }

  private boolean seek(Cursor in, FieldPath path, int depth) {
    FieldPath.Step step = path.steps().get(depth);
    int mask = masked ? in.i32() : 0;
    int chosen = union ? in.i32() : 0;
    int optionals = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      boolean present =
          union ? chosen == i + 1 : !part.optional() || (mask >>> optionals++ & 1) == 1;
      boolean wanted = part.name().equals(step.name());
      if (wanted) {
        return present && enter(in, part, path, depth);
      }
      if (present) {
        skip(in, part, 0);
      }
    }
    return false;
  }

  private static boolean enter(Cursor in, Part part, FieldPath path, int depth) {
    int index = path.steps().get(depth).index();
    if (part.rank() > 0) {
      int length = in.length(1);
      if (index >= length) {
        return false;
      }
      for (int i = 0; i < index; i++) {
        skipOne(in, part, 0);
      }
    }
    return depth + 1 == path.steps().size()
        || part.nested().isPresent() && part.nested().get().seek(in, path, depth + 1);
  }

  private static void skip(Cursor in, Part part, int depth) {
    if (part.rank() > 0) {
      int length = in.length(1);
      for (int i = 0; i < length; i++) {
        skipOne(in, part, depth);
      }
    } else {
      skipOne(in, part, depth);
    }
  }

  private static void skipOne(Cursor in, Part part, int depth) {
    if (part.nested().isPresent()) {
      part.nested().get().skip(in, depth + 1);
    } else {
      Skip.one(in, part.builtIn(), depth + 1);
    }
  }

  private void skip(Cursor in, int depth) {
    if (depth > Cursor.DEEPEST) {
      throw Cursor.wrong("at most " + Cursor.DEEPEST + " levels", "more");
    }
    int mask = masked ? in.i32() : 0;
    int chosen = union ? in.i32() : 0;
    int optionals = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (union ? chosen == i + 1 : !part.optional() || (mask >>> optionals++ & 1) == 1) {
        skip(in, part, depth);
      }
    }
  }
}
