package kr.madang.plugins.opcua;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** One item of the config as it stands in a session, and where its values go. */
final class Target {
  private final int handle;
  private final Item item;
  private final NodeName node;
  private final List<String> tags;
  private final Optional<IndexRange> range;
  private final Optional<FieldPath> path;
  private final int[] numbers;

  private @Nullable String namespace;
  private @Nullable NodeId id;
  private int builtIn;
  private @Nullable Shape shape;
  private Map<Long, String> names = Map.of();
  private boolean hasHistory;
  private int problem;
  private long filledUpTo = Long.MIN_VALUE;
  private boolean told;

  /**
   * @param handle by which the server names it in its messages
   */
  Target(int handle, Item item) {
    this.handle = handle;
    this.item = item;
    this.node = NodeName.parse(item.node());
    this.tags = item.tags();
    this.range = item.range().map(IndexRange::parse);
    this.path = item.field().map(FieldPath::parse);
    this.numbers = new int[tags.size()];
  }

  int handle() {
    return handle;
  }

  Item item() {
    return item;
  }

  /** Takes the writer's numbers of the tags. */
  void bind(SampleWriter out) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = out.tag(tags.get(i));
    }
  }

  /**
   * Looks the node up among the namespaces of a server that was started (again). A node given by
   * index keeps the namespace that it had at first.
   */
  void locate(String[] namespaces) {
    NodeName name = namespace == null ? node : new NodeName(Optional.of(namespace), node.id());
    Optional<NodeId> found = name.in(namespaces);
    id = found.orElse(null);
    problem = found.isEmpty() ? Quality.BAD_NODE_ID_UNKNOWN : 0;
    if (found.isPresent()) {
      int index = found.get().getNamespaceIndex().intValue();
      namespace = index < namespaces.length ? namespaces[index] : null;
    }
  }

  /** The node at this server; empty if the server has not its namespace. */
  Optional<NodeId> id() {
    return Optional.ofNullable(id);
  }

  /** Sets what the server says of the node. */
  void describe(int builtIn, @Nullable Shape shape, Map<Long, String> names, boolean hasHistory) {
    this.builtIn = builtIn;
    this.shape = shape;
    this.names = names;
    this.hasHistory = hasHistory;
  }

  /** Says why the item delivers nothing at this server; 0 for nothing wrong. */
  void problem(int status) {
    problem = status;
  }

  int problem() {
    return problem;
  }

  boolean hasHistory() {
    return hasHistory;
  }

  int builtIn() {
    return builtIn;
  }

  @Nullable Shape shape() {
    return shape;
  }

  Optional<FieldPath> path() {
    return path;
  }

  Optional<IndexRange> range() {
    return range;
  }

  boolean asText() {
    return item.enumAs() == Form.TEXT;
  }

  String name(long number) {
    return names.getOrDefault(number, Long.toString(number));
  }

  int width() {
    return numbers.length;
  }

  int number(int index) {
    return numbers[index];
  }

  /** One Bad row for each tag. */
  void bad(int status, long time, SampleWriter out) {
    for (int number : numbers) {
      out.bad(number, status, time);
    }
  }

  /** The time of the last sample that a gap was filled with. */
  void filledUpTo(long time) {
    filledUpTo = time;
  }

  long filledUpTo() {
    return filledUpTo;
  }

  /** Whether a live sample was there already when the gap was filled; asked once each sample. */
  boolean known(int status, long time) {
    if (filledUpTo == Long.MIN_VALUE) {
      return false;
    }
    if (Quality.isGood(status) && time != SampleWriter.NO_TIME && time <= filledUpTo) {
      return true;
    }
    // From here on an old time is news: the server went back to it.
    filledUpTo = Long.MIN_VALUE;
    return false;
  }

  /** Whether this is the first time that something odd is said of this item. */
  boolean tell() {
    boolean first = !told;
    told = true;
    return first;
  }
}
