package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kr.madang.host.Folders;
import kr.madang.host.HostError;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where results of replays lie: {@code HOME/replays/WORKSPACE/ID} with {@code replay.json} and the
 * result in {@code result}. An id from outside becomes a path only if it is one of ours.
 */
final class ReplayShelf {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayShelf.class);
  private static final Pattern ID = Pattern.compile("[a-z2-7]{10}");
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

  private final Path root;
  private final SecureRandom random = new SecureRandom();

  ReplayShelf(Path root) {
    this.root = root;
  }

  /** A name that nobody guesses. */
  String newId() {
    StringBuilder id = new StringBuilder(10);
    for (int i = 0; i < 10; i++) {
      id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return id.toString();
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The folder of a workspace, whose name the guard has let pass. */
  private Path space(String workspace) {
    return root.resolve(workspace);
  }

  Path folder(String workspace, String id) {
    if (!isId(id)) {
      throw new IllegalArgumentException("no id: " + id);
    }
    return space(workspace).resolve(id);
  }

  /** Where the engine puts the rows. */
  Path result(String workspace, String id) {
    return folder(workspace, id).resolve("result");
  }

  /** Stores what is known of a replay; all of it or nothing. */
  void write(ReplayView view) {
    Path folder = folder(view.workspace(), view.id());
    try {
      Files.createDirectories(folder);
      Path fresh = folder.resolve("replay.json.new");
      Files.writeString(fresh, RecordJson.of(view).toString() + "\n");
      Files.move(
          fresh,
          folder.resolve("replay.json"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, "the replay cannot be stored in " + folder + ": " + e, e);
    }
  }

  /** Everything that was stored; what cannot be read is left out. */
  List<ReplayView> all() {
    List<ReplayView> all = new ArrayList<>();
    for (Path space : list(root)) {
      for (Path folder : list(space)) {
        if (isId(String.valueOf(folder.getFileName()))) {
          read(folder).ifPresent(all::add);
        }
      }
    }
    return all;
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> there = Files.list(folder)) {
      return there.sorted().toList();
    } catch (IOException e) {
      LOG.warn("{} cannot be listed: {}", folder, e.toString());
      return List.of();
    }
  }

  private static Optional<ReplayView> read(Path folder) {
    Path file = folder.resolve("replay.json");
    if (!Files.isRegularFile(file)) {
      delete(folder);
      return Optional.empty();
    }
    try {
      return Optional.of(view(Json.MAPPER.readTree(Files.readString(file))));
    } catch (IOException | DateTimeException e) {
      LOG.warn("{} cannot be read and is left alone: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static ReplayView view(JsonNode json) {
    List<ReplayView.Stage> stages = new ArrayList<>();
    for (JsonNode stage : json.path("stages")) {
      stages.add(
          new ReplayView.Stage(
              stage.path("stage").asText(),
              stage.path("wallNanos").asLong(),
              stage.path("cpuNanos").asLong()));
    }
    JsonNode ended = json.path("endedAt");
    return new ReplayView(
        json.path("id").asText(),
        json.path("workspace").asText(),
        json.path("pipeline").asText(),
        json.path("label").asText(),
        json.path("version").asText(),
        json.path("state").asText(),
        json.path("reason").asText(),
        json.path("rows").asLong(),
        json.path("of").asLong(),
        json.path("bytes").asLong(),
        Instant.parse(json.path("startedAt").asText()),
        ended.isTextual() ? Optional.of(Instant.parse(ended.textValue())) : Optional.empty(),
        json.path("wallNanos").asLong(),
        stages,
        counts(json.path("outputRows")),
        counts(json.path("rejectedRows")));
  }

  private static Map<String, Long> counts(JsonNode json) {
    Map<String, Long> counts = new TreeMap<>();
    json.properties().forEach(entry -> counts.put(entry.getKey(), entry.getValue().asLong()));
    return counts;
  }

  /** How much lies in a folder. */
  static long bytes(Path folder) {
    AtomicLong bytes = new AtomicLong();
    try (Stream<Path> files = Files.walk(folder)) {
      files.forEach(file -> {
        try {
          bytes.addAndGet(Files.isRegularFile(file) ? Files.size(file) : 0);
        } catch (IOException e) {
          // It went meanwhile.
        }
      });
    } catch (IOException | UncheckedIOException e) {
      return bytes.get();
    }
    return bytes.get();
  }

  void delete(String workspace, String id) {
    delete(folder(workspace, id));
  }

  private static void delete(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", folder, e.toString());
    }
  }

  /** Made with the first use: it would take a tenth of a start. */
  private static final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();
  }
}
