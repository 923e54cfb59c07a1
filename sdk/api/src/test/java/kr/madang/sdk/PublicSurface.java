package kr.madang.sdk;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public surface of the SDK as text: one line a type, one line a member. */
final class PublicSurface {
  private PublicSurface() {}

  static List<Class<?>> types() throws IOException, ClassNotFoundException {
    Path classes = Path.of("target", "classes");
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.sorted().toList()) {
        String name = classes.relativize(file).toString().replace('/', '.');
        if (name.endsWith(".class") && !name.endsWith("package-info.class")) {
          Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()));
          if (visible(type)) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  private static boolean visible(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getEnclosingClass() == null || visible(type.getEnclosingClass()));
  }

  static String text() throws IOException, ClassNotFoundException {
    StringBuilder text = new StringBuilder();
    for (Class<?> type : types()) {
      text.append(head(type)).append('\n');
      members(type).forEach(member -> text.append("  ").append(member).append('\n'));
    }
    return text.toString();
  }

  private static String head(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "annotation"
            : type.isInterface()
                ? "interface"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    String sealed = type.isSealed() ? "sealed " : "";
    String parameters =
        type.getTypeParameters().length == 0
            ? ""
            : Arrays.stream(type.getTypeParameters())
                .map(Type::getTypeName)
                .collect(Collectors.joining(", ", "<", ">"));
    String parents =
        Stream.concat(
                Stream.ofNullable(type.getGenericSuperclass())
                    .filter(parent -> parent != Object.class && !type.isRecord() && !type.isEnum()),
                Arrays.stream(type.getGenericInterfaces()))
            .map(PublicSurface::name)
            .filter(name -> !type.isAnnotation())
            .collect(Collectors.joining(", "));
    return sealed
        + kind
        + " "
        + type.getName()
        + parameters
        + (parents.isEmpty() ? "" : " : " + parents);
  }

  private static List<String> members(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers()) && !field.isSynthetic()) {
        members.add("field " + name(field.getGenericType()) + " " + field.getName());
      }
    }
    if (type.isRecord()) {
      for (RecordComponent component : type.getRecordComponents()) {
        members.add("component " + name(component.getGenericType()) + " " + component.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (Modifier.isPublic(constructor.getModifiers())) {
        members.add("new" + parameters(constructor.getGenericParameterTypes()));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers())
          && !method.isSynthetic()
          && !generated(type, method)) {
        members.add(
            (Modifier.isStatic(method.getModifiers())
                    ? "static "
                    : method.isDefault() ? "default " : "")
                + name(method.getGenericReturnType())
                + " "
                + method.getName()
                + parameters(method.getGenericParameterTypes()));
      }
    }
    members.sort(null);
    return members;
  }

  /** What the compiler adds to records and enums follows from their components and constants. */
  private static boolean generated(Class<?> type, Method method) {
    return type.isRecord()
            && (List.of("equals", "hashCode", "toString").contains(method.getName())
                || Arrays.stream(type.getRecordComponents())
                    .anyMatch(component -> method.equals(component.getAccessor())))
        || type.isEnum() && List.of("values", "valueOf").contains(method.getName());
  }

  private static String parameters(Type[] types) {
    return Arrays.stream(types)
        .map(PublicSurface::name)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String name(Type type) {
    return type.getTypeName()
        .replace("java.lang.", "")
        .replace("java.util.", "")
        .replace("kr.madang.sdk.", "");
  }
}
