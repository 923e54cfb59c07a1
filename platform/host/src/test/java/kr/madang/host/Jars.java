package kr.madang.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles sources in memory and packs them. */
final class Jars {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE = Pattern.compile("\\b(?:class|interface|record) (\\w+)");

  private Jars() {}

  /** Compiles sources; each names its package and a public top-level type first. */
  static Map<String, byte[]> compile(String... sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    try (var files = new MemoryFiles(compiler.getStandardFileManager(diagnostics, null, null))) {
      List<String> options =
          List.of("-proc:none", "-classpath", System.getProperty("java.class.path"));
      List<Source> units = List.of(sources).stream().map(Source::of).toList();
      if (!compiler.getTask(null, files, diagnostics, options, null, units).call()) {
        throw new AssertionError(diagnostics.getDiagnostics());
      }
      Map<String, byte[]> classes = new LinkedHashMap<>();
      files.classes.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Packs entries as they are, in their order. */
  static byte[] zip(Map<String, byte[]> entries) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    private Source(URI uri, String text) {
      super(uri, Kind.SOURCE);
      this.text = text;
    }

    static Source of(String text) {
      String path = first(PACKAGE, text).replace('.', '/') + "/" + first(TYPE, text);
      return new Source(URI.create("memory:///" + path + ".java"), text);
    }

    private static String first(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      if (!matcher.find()) {
        throw new IllegalArgumentException(text);
      }
      return matcher.group(1);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();

    MemoryFiles(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      String path = name.replace('.', '/') + ".class";
      return new SimpleJavaFileObject(URI.create("memory:///" + path), kind) {
        @Override
        public OutputStream openOutputStream() {
          var bytes = new ByteArrayOutputStream();
          classes.put(path, bytes);
          return bytes;
        }
      };
    }
  }
}
