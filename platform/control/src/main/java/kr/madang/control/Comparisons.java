package kr.madang.control;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import kr.madang.control.store.Store;
import kr.madang.engine.compare.CompareOptions;
import kr.madang.engine.compare.Comparer;
import kr.madang.engine.compare.Comparison;
import kr.madang.engine.compare.HtmlReport;
import kr.madang.engine.compare.Tolerance;
import kr.madang.host.HostError;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Comparisons of replays; kept in {@code HOME/comparisons/WORKSPACE} as JSON and as a page up to a
 * number, beyond which the oldest go.
 */
public final class Comparisons {
  private static final int AT_ONCE = 2;
  private static final int KEPT = 100;
  private static final String JSON = ".json";
  private static final String PAGE = ".html";

  private final Guard guard;
  private final Replays replays;
  private final ReplayShelf shelf;
  private final Store store;
  private final BufferAllocator allocator;
  private final Path root;
  private final Semaphore places = new Semaphore(AT_ONCE);

  Comparisons(
      Guard guard,
      Replays replays,
      ReplayShelf shelf,
      Store store,
      BufferAllocator allocator,
      Path root) {
    this.guard = guard;
    this.replays = replays;
    this.shelf = shelf;
    this.store = store;
    this.allocator = allocator;
    this.root = root;
  }

  /**
   * What to compare.
   *
   * @param a a replay of the workspace
   * @param b another one
   * @param absolute how far two numbers may be apart, in the unit of the column
   * @param relative how far, as a share of the greater one
   * @param columns tolerances of columns that have one of their own: absolute, relative
   * @param key the column that rows are matched by; empty for the time
   * @param top how many of the greatest differences are kept
   */
  public record Request(
      String a,
      String b,
      Optional<Double> absolute,
      Optional<Double> relative,
      Map<String, List<Double>> columns,
      Optional<String> key,
      Optional<Integer> top) {

    private CompareOptions options() {
      CompareOptions usual = CompareOptions.DEFAULT;
      Map<String, Tolerance> own = new TreeMap<>();
      columns.forEach((name, two) -> own.put(name, new Tolerance(two.get(0), two.get(1))));
      return new CompareOptions(
          new Tolerance(
              absolute.orElse(usual.tolerance().absolute()),
              relative.orElse(usual.tolerance().relative())),
          own,
          key.orElse(usual.key()),
          top.orElse(usual.top()),
          usual.bins(),
          usual.points());
    }
  }

  /**
   * A comparison that was made.
   *
   * @param id short and random
   * @param json the whole of it
   */
  public record Made(String id, String json) {}

  /** Compares two replays; takes as long as reading both results twice. */
  public Made make(Caller caller, String workspace, Request request) {
    guard.require(caller, workspace, Role.MEMBER);
    CompareOptions options;
    try {
      options = request.options();
    } catch (IllegalArgumentException e) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, String.valueOf(e.getMessage()), e);
    }
    Path a = shelf.result(workspace, replays.done(workspace, request.a()).id());
    Path b = shelf.result(workspace, replays.done(workspace, request.b()).id());
    if (!places.tryAcquire()) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          AT_ONCE + " comparisons are being made: try again when one of them is done");
    }
    try {
      Comparison comparison =
          new Comparer(allocator).compare(ResultJson.read(a), ResultJson.read(b), options);
      String id = shelf.newId();
      String json = ResultJson.of(comparison);
      keep(workspace, id, json, ResultJson.page(comparison));
      store.transaction(rows -> {
        guard.note(
            rows, caller, "comparison.make", workspace + "/" + id, request.a() + " " + request.b());
        return true;
      });
      return new Made(id, json);
    } catch (ClosedByInterruptException e) {
      throw new PluginException(ErrorCode.TIMEOUT, "the comparison was interrupted", e);
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, "the comparison cannot be made or kept: " + e, e);
    } finally {
      places.release();
    }
  }

  /** A comparison that was made before, as JSON. */
  public String json(Caller caller, String workspace, String id) {
    return read(caller, workspace, id, JSON);
  }

  /** A comparison that was made before, as a page for people. */
  public String page(Caller caller, String workspace, String id) {
    return read(caller, workspace, id, PAGE);
  }

  /** The {@code Content-Security-Policy} that such a page works under. */
  public static String policy() {
    return HtmlReport.contentSecurityPolicy();
  }

  private String read(Caller caller, String workspace, String id, String ending) {
    guard.require(caller, workspace, Role.VIEWER);
    Path file = ReplayShelf.isId(id) ? space(workspace).resolve(id + ending) : null;
    if (file == null || !Files.isRegularFile(file)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "comparison '" + id + "' does not exist; the latest " + KEPT + " are kept");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new PluginException(HostError.STORAGE, "the comparison cannot be read: " + e, e);
    }
  }

  private Path space(String workspace) {
    return root.resolve(workspace);
  }

  private synchronized void keep(String workspace, String id, String json, String page)
      throws IOException {
    Path folder = Files.createDirectories(space(workspace));
    write(folder.resolve(id + PAGE), page);
    write(folder.resolve(id + JSON), json);
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(file -> file.toString().endsWith(JSON)).forEach(all::add);
    }
    all.sort(Comparator.comparing(Comparisons::written));
    for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      String name = String.valueOf(old.getFileName());
      Files.deleteIfExists(folder.resolve(name.substring(0, name.length() - JSON.length()) + PAGE));
      Files.deleteIfExists(old);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static FileTime written(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
