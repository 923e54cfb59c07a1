package kr.madang.inference;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** One open step {@code model}. Holds its session until it is closed. */
final class ModelTransform implements Transform {
  private static final String STATE = "held";

  private final Session session;
  private final Execution execution;
  private final Triage triage;
  private final BufferAllocator allocator;
  private final SharedBuffers shared;
  private final List<ColumnPair> kept;
  private final List<OutputFields> fields;
  private final boolean origin;
  private final Drift.@Nullable Watch watch;
  private final StepRuns told;
  private final Drift.Place place;
  private final ModelSpec spec;
  private final Schema schema;
  private final Object lock = new Object();
  private boolean closed;

  /** The places of a field and its status in the input; -1 without a status. */
  private record ColumnPair(int value, int status) {}

  private ModelTransform(
      Session session,
      Execution execution,
      String model,
      BufferAllocator allocator,
      List<ColumnPair> kept,
      List<OutputFields> fields,
      boolean origin,
      Drift.@Nullable Watch watch,
      LoadedModel of,
      Drift.Place place,
      Schema schema) {
    this.session = session;
    this.execution = execution;
    this.triage = new Triage(model);
    this.allocator = allocator;
    this.shared = new SharedBuffers(allocator);
    this.kept = kept;
    this.fields = fields;
    this.origin = origin;
    this.watch = watch;
    this.told = of.steps();
    this.place = place;
    this.spec = of.spec();
    this.schema = schema;
  }

  /** Opens a step; on failure the caller still holds the session. */
  static ModelTransform open(
      LoadedModel model,
      Session held,
      Tenant tenant,
      boolean live,
      ModelStep.Config config,
      Schema in,
      TransformContext context)
      throws InterruptedException {
    Binding binding = model.binding();
    String name = binding.model();
    if (!Frames.matches(in)) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "model %s: expected frames, got columns %s; put an align step before it"
              .formatted(name, in.getFields().stream().map(Field::getName).toList()));
    }
    BufferAllocator allocator = context.allocator();
    Map<String, OnBad> policies = new HashMap<>();
    config.inputs().forEach((input, said) -> policies.put(input, said.onBad()));
    List<InputSpec> inputs = Policies.of(binding, policies);
    Policies.checkUnits(name, inputs, in);
    Execution execution =
        new Execution(held, tenant, binding, inputs, binding.scale(), in, allocator);
    Drift.Place place = place(tenant, context.name());
    execution.countIn(model.use(tenant, Use.By.PIPELINES));
    try {
      List<Field> out = new ArrayList<>();
      List<ColumnPair> kept = new ArrayList<>();
      for (String field : config.keep()) {
        int column = ColumnRef.index(in, field);
        if (column <= 0 || field.endsWith(Frames.STATUS_SUFFIX)) {
          throw new PluginException(
              ErrorCode.SCHEMA_MISFIT,
              "model %s: keep names field '%s'; the step before gives %s"
                  .formatted(name, field, Frames.fields(in).stream().map(Field::getName).toList()));
        }
        if (in.getFields().get(column).getDictionary() != null) {
          throw new PluginException(
              ErrorCode.SCHEMA_MISFIT,
              "model %s: field '%s' cannot be kept: it is dictionary-coded, expected plain values"
                  .formatted(name, field));
        }
        kept.add(new ColumnPair(column, ColumnRef.index(in, Frames.status(field))));
        out.add(in.getFields().get(column));
      }
      List<OutputFields> fields = new ArrayList<>();
      for (OutputTensor output : execution.outputs()) {
        OutputFields made = OutputFields.of(output, name);
        fields.add(made);
        out.addAll(made.fields());
      }
      if (config.at().isPresent()) {
        execution.at(
            new CenterClient(
                config.at().get(), model.spec().name(), model.spec().version(), context.logger()));
        out.add(Frames.field(config.origin(), ArrowType.Utf8.INSTANCE, "", ""));
      }
      Set<String> names = new HashSet<>();
      for (Field field : out) {
        if (!names.add(field.getName())) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              "model %s: field '%s' comes out twice; take it out of keep, or give the output another name in model.yaml"
                  .formatted(name, field.getName()));
        }
      }
      return new ModelTransform(
          held,
          execution,
          name,
          allocator,
          kept,
          fields,
          config.at().isPresent(),
          live ? model.drift().of(place) : null,
          model,
          place,
          Frames.schema(out));
    } catch (Throwable t) {
      execution.close();
      throw t;
    }
  }

  /** {@code workspace/pipeline/step}. */
  private static Drift.Place place(Tenant tenant, String name) {
    String[] parts = name.split("/", 3);
    return parts.length < 3
        ? new Drift.Place(tenant.name(), name, "")
        : new Drift.Place(tenant.name(), parts[1], parts[2]);
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    if (in.rows() == 0) {
      return;
    }
    Batch result;
    Map<String, BitSet> rejected;
    synchronized (lock) {
      if (closed) {
        throw new PluginException(
            ErrorCode.BUG, "model " + session.model() + ": the step is closed");
      }
      VectorSchemaRoot root = in.root();
      int rows = root.getRowCount();
      boolean clean = true;
      for (InputTensor input : execution.inputs()) {
        input.bind(root);
        clean &= input.clean(rows);
      }
      try {
        if (clean) {
          for (InputTensor input : execution.inputs()) {
            input.remember(rows - 1);
          }
          result = compute(root, rows, null);
          rejected = Map.of();
        } else {
          triage.look(execution.inputs(), rows);
          result = triage.kept().length == 0 ? null : compute(root, rows, triage);
          if (result == null) {
            look(rows, 0, false);
          }
          rejected = triage.rejected();
        }
      } catch (OutOfMemoryException e) {
        throw new PluginException(
            ErrorCode.EXHAUSTED,
            "model %s: a batch of %d rows needs more memory than the pipeline has left of its %d MiB; expected smaller batches or a higher limit"
                .formatted(session.model(), rows, allocator.getLimit() >> 20),
            e);
      }
    }
    try {
      rejected.forEach((why, which) -> out.reject(in, which, why));
    } catch (RuntimeException e) {
      if (result != null) {
        result.close();
      }
      throw e;
    }
    for (InputTensor input : execution.inputs()) {
      input.commit();
    }
    if (result != null) {
      out.emit(result);
    }
  }

  /**
   * Runs a batch.
   *
   * @param mixed what becomes of each row; null where all is Good
   */
  private Batch compute(VectorSchemaRoot root, int rows, @Nullable Triage mixed)
      throws InterruptedException {
    int running = mixed == null ? rows : mixed.run().length;
    int emitted = mixed == null ? rows : mixed.kept().length;
    int[] selection = mixed == null || running == rows ? InputTensor.ALL : mixed.run();
    int padded = execution.padded(running);
    if (running > 0) {
      for (InputTensor input : execution.inputs()) {
        input.place(selection, running, padded);
      }
    }
    try (FrameAssembly frames = new FrameAssembly(allocator, shared, schema, emitted)) {
      OutputColumns columns =
          new OutputColumns(execution, fields, frames, emitted, running, padded);
      if (running > 0) {
        run(running);
      }
      look(rows, running, mixed == null);
      if (emitted == rows) {
        passAll(root, frames);
      } else if (mixed != null) {
        pick(root, mixed.kept(), frames);
      }
      columns.finish(mixed);
      if (origin) {
        String[] who = new String[emitted];
        Arrays.fill(who, running == 0 ? "" : execution.atCenter() ? "center" : "local");
        frames.texts(frames.allSet(), who);
        frames.good();
      }
      return frames.finish();
    }
  }

  private void run(int rows) throws InterruptedException {
    if (!told.wanted()) {
      execution.run(rows);
      return;
    }
    long began = System.nanoTime();
    execution.run(rows);
    told.tell(
        new StepRun(
            place,
            spec.name(),
            spec.version(),
            rows,
            began,
            System.nanoTime(),
            execution.queuedNanos(),
            execution.runNanos(),
            execution.atCenter()));
  }

  private void look(int rows, int running, boolean clean) {
    if (watch != null) {
      watch.batch(execution, rows, running, clean);
    }
  }

  private void passAll(VectorSchemaRoot root, FrameAssembly frames) {
    frames.pass(root.getVector(0));
    for (ColumnPair column : kept) {
      frames.pass(root.getVector(column.value()));
      if (column.status() >= 0) {
        frames.pass(root.getVector(column.status()));
      } else {
        frames.good();
      }
    }
  }

  private void pick(VectorSchemaRoot root, int[] rows, FrameAssembly frames) {
    frames.pick(root.getVector(0), rows);
    for (ColumnPair column : kept) {
      frames.pick(root.getVector(column.value()), rows);
      if (column.status() >= 0) {
        frames.pick(root.getVector(column.status()), rows);
      } else {
        frames.good();
      }
    }
  }

  @Override
  public void save(StateOutput out) {
    byte[] state = state();
    if (state.length > 0) {
      out.putBytes(STATE, state);
    }
  }

  /** The values that are held after the latest batch. */
  byte[] state() {
    synchronized (lock) {
      int bytes = 0;
      for (InputTensor input : execution.inputs()) {
        for (Substitutes values : input.substitutes()) {
          bytes += values.bytes();
        }
      }
      ByteBuffer state = ByteBuffer.allocate(bytes);
      for (InputTensor input : execution.inputs()) {
        for (Substitutes values : input.substitutes()) {
          values.save(state);
        }
      }
      return state.array();
    }
  }

  @Override
  public void restore(StateInput in) {
    in.getBytes(STATE).ifPresent(this::take);
  }

  /** Takes what {@link #state} gave. */
  void take(byte[] saved) {
    synchronized (lock) {
      ByteBuffer state = ByteBuffer.wrap(saved);
      for (InputTensor input : execution.inputs()) {
        for (Substitutes values : input.substitutes()) {
          values.restore(state);
        }
      }
    }
  }

  /**
   * Why another version cannot take over between two batches; empty if it can. What is held has to
   * mean the same to both, and a row that comes again after a crash has to have the same fate.
   */
  String misfit(ModelTransform next) {
    if (!schema.equals(next.schema)) {
      return "it gives other columns: expected %s, got %s"
          .formatted(schema.getFields(), next.schema.getFields());
    }
    List<InputSpec> mine = execution.inputs().stream().map(InputTensor::spec).toList();
    List<InputSpec> theirs = next.execution.inputs().stream().map(InputTensor::spec).toList();
    for (int i = 0; i < Math.max(mine.size(), theirs.size()); i++) {
      if (i >= mine.size() || i >= theirs.size() || !alike(mine.get(i), theirs.get(i))) {
        return "it takes other inputs, or treats Bad values otherwise: expected %s, got %s"
            .formatted(mine, theirs);
      }
    }
    return "";
  }

  private static boolean alike(InputSpec a, InputSpec b) {
    return a.fields().equals(b.fields())
        && a.onBad().equals(b.onBad())
        && a.type() == b.type()
        && a.units().equals(b.units())
        && Arrays.equals(Shapes.rowShape(a.shape()), Shapes.rowShape(b.shape()));
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      execution.close();
      shared.close();
    }
    session.release();
  }
}
