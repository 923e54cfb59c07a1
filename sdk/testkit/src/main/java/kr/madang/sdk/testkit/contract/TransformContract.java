package kr.madang.sdk.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.Contents;
import kr.madang.sdk.testkit.Descriptors;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.MemoryState;
import kr.madang.sdk.testkit.PluginThreads;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;

/**
 * What is expected of a transform. Extend it, give the factory, a config, and input of at least
 * three batches and ten rows.
 *
 * @param <C> the config
 */
public abstract class TransformContract<C> extends StageContract<C> {

  /** For subclasses. */
  protected TransformContract() {}

  @Override
  protected abstract TransformFactory<C> factory();

  /** The schema of the input. */
  protected abstract Schema schema();

  /** Input that leads to output; the same at each call, of which the contract owns the batches. */
  protected abstract List<Batch> input(BufferAllocator allocator) throws Exception;

  /** A schema that does not fit the config; only with {@link Capability#SCHEMA_CHECK}. */
  protected abstract Schema misfit();

  @Override
  void check(C config) throws Exception {
    factory().open(config, schema(), new FakeTransformContext(arrow.get())).close();
  }

  private Transform open() throws Exception {
    return factory().open(config(nowhere()), schema(), new FakeTransformContext(arrow.get()));
  }

  private <T> T call(Callable<T> call) throws Exception {
    return threads().call("transform", call);
  }

  private static void closeAll(List<Batch> batches) {
    batches.forEach(Batch::close);
  }

  /** The output of batches; another instance takes over, by its state, behind some of them. */
  private List<String> output(List<Batch> batches, int takeOverBehind) throws Exception {
    try (CollectedOutput out = new CollectedOutput()) {
      Transform step = open();
      try {
        int done = 0;
        for (Batch batch : batches) {
          try (batch) {
            step.apply(batch, out);
          }
          if (++done == takeOverBehind) {
            try (MemoryState state = new MemoryState()) {
              step.save(state);
              step.close();
              step = open();
              step.restore(state);
            }
          }
        }
        step.flush(out);
      } finally {
        step.close();
      }
      List<String> all = new ArrayList<>(Contents.of(out.batches()));
      all.add(
          "filtered %d, dropped %s, rejected %d"
              .formatted(out.filteredRows(), out.dropped(), out.rejectedRows()));
      return all;
    } finally {
      closeAll(batches);
    }
  }

  @Test
  final void theInputLeadsToOutputOfTheDeclaredSchema() throws Exception {
    call(() -> {
      List<Batch> input = input(arrow.get());
      try (Transform step = open();
          CollectedOutput out = new CollectedOutput()) {
        Schema declared = step.schema();
        for (Batch batch : input) {
          step.apply(batch, out);
        }
        step.flush(out);
        assertThat(out.rows()).as("output").isNotEmpty();
        assertThat(out.batches()).allMatch(batch -> batch.schema().equals(declared));
      } finally {
        closeAll(input);
      }
      return true;
    });
  }

  @Test
  final void eachRowIsAccountedFor() throws Exception {
    call(() -> {
      List<Batch> input = input(arrow.get());
      try (Transform step = open();
          CollectedOutput out = new CollectedOutput()) {
        long in = 0;
        for (Batch batch : input) {
          step.apply(batch, out);
          in += batch.rows();
          account(in, out, step.held(), false);
        }
        step.flush(out);
        account(in, out, step.held(), true);
      } finally {
        closeAll(input);
      }
      return true;
    });
  }

  private void account(long in, CollectedOutput out, long held, boolean over) {
    long dropped = out.dropped().values().stream().mapToLong(Long::longValue).sum();
    long named = out.filteredRows() + dropped + out.rejectedRows();
    String account =
        "%d in, %d filtered, %d dropped, %d rejected, %d held, %d emitted"
            .formatted(
                in, out.filteredRows(), dropped, out.rejectedRows(), held, out.rows().size());
    assertThat(held).as(account).isNotNegative();
    assertThat(named + held).as(account).isLessThanOrEqualTo(in);
    if (over) {
      assertThat(held).as("held behind the end: " + account).isZero();
    }
    if (has(Capability.ROW_FOR_ROW)) {
      assertThat(out.rows().size() + named + held).as(account).isEqualTo(in);
    }
  }

  @Test
  final void theSameInputGivesTheSameBits() throws Exception {
    assertThat(call(() -> output(input(arrow.get()), 0)))
        .isEqualTo(call(() -> output(input(arrow.get()), 0)));
  }

  @Test
  final void anotherInstanceGoesOnByTheStateAtAnyBoundary() throws Exception {
    List<String> whole = call(() -> output(input(arrow.get()), 0));
    List<Batch> counted = input(arrow.get());
    closeAll(counted);
    for (int behind = 1; behind <= counted.size(); behind++) {
      int boundary = behind;
      assertThat(call(() -> output(input(arrow.get()), boundary)))
          .as("taken over behind batch %d", boundary)
          .isEqualTo(whole);
    }
  }

  @Test
  final void theSameRowsInOtherBatchesGiveTheSame() throws Exception {
    expects(Capability.ANY_BATCHES);
    List<String> whole = call(() -> output(input(arrow.get()), 0));
    for (int rows : List.of(1, 3)) {
      assertThat(call(() -> output(cut(input(arrow.get()), rows), 0)))
          .as("in batches of at most %d rows", rows)
          .isEqualTo(whole);
    }
  }

  private static List<Batch> cut(List<Batch> batches, int rows) {
    List<Batch> pieces = new ArrayList<>();
    for (Batch batch : batches) {
      for (int from = 0; from < batch.rows(); from += rows) {
        VectorSchemaRoot piece = batch.root().slice(from, Math.min(rows, batch.rows() - from));
        Batch whole = batch.retain();
        pieces.add(Batch.of(piece, batch.dictionaries(), whole::close));
      }
    }
    closeAll(batches);
    return pieces;
  }

  @Test
  final void batchesAreOnlyBorrowed() throws Exception {
    call(() -> {
      List<Batch> input = input(arrow.get());
      try (Transform step = open();
          CollectedOutput out = new CollectedOutput()) {
        for (Batch batch : input) {
          List<String> before = Contents.of(batch);
          step.apply(batch, out);
          assertThat(Contents.of(batch)).as("the batch after it was applied").isEqualTo(before);
          batch.close();
        }
        step.flush(out);
      } finally {
        closeAll(input);
      }
      return true;
    });
  }

  @Test
  final void anEmptyBatchIsHarmless() throws Exception {
    List<String> whole = call(() -> output(input(arrow.get()), 0));
    assertThat(
            call(() -> {
              List<Batch> more = new ArrayList<>();
              for (Batch batch : input(arrow.get())) {
                Batch held = batch.retain();
                more.add(Batch.of(batch.root().slice(0, 0), batch.dictionaries(), held::close));
                more.add(batch);
              }
              return output(more, 0);
            }))
        .isEqualTo(whole);
  }

  @Test
  final void anOutputOfBadInputsIsNotGood() throws Exception {
    expects(Capability.QUALITY_PASSED_ON);
    call(() -> {
      List<Batch> input = input(arrow.get());
      for (Batch batch : input) {
        spoil(batch);
      }
      try (Transform step = open();
          CollectedOutput out = new CollectedOutput()) {
        for (Batch batch : input) {
          step.apply(batch, out);
        }
        step.flush(out);
        for (Batch batch : out.batches()) {
          batch.root().getFieldVectors().stream()
              .filter(UInt4Vector.class::isInstance)
              .map(UInt4Vector.class::cast)
              .filter(status -> isStatus(status.getName()))
              .forEach(status -> {
                for (int row = 0; row < batch.rows(); row++) {
                  assertThat(status.get(row) >>> 30)
                      .as("%s of row %d", status.getName(), row)
                      .isNotZero();
                }
              });
        }
      } finally {
        closeAll(input);
      }
      return true;
    });
  }

  private static boolean isStatus(String column) {
    return column.equals("status") || column.endsWith("#status");
  }

  /** The contract owns the batches and nobody has read them: here they may be written. */
  private static void spoil(Batch batch) {
    batch.root().getFieldVectors().stream()
        .filter(vector -> isStatus(vector.getName()))
        .filter(UInt4Vector.class::isInstance)
        .map(UInt4Vector.class::cast)
        .forEach(status -> {
          for (int row = 0; row < batch.rows(); row++) {
            status.set(row, 0x808C_0000);
          }
        });
  }

  @Test
  final void aSchemaThatDoesNotFitIsRefused() throws Exception {
    expects(Capability.SCHEMA_CHECK);
    Throwable thrown =
        call(() ->
            catchThrowable(() ->
                factory()
                    .open(config(nowhere()), misfit(), new FakeTransformContext(arrow.get()))
                    .close()));
    assertThat(thrown).isInstanceOf(PluginException.class);
    if (thrown instanceof PluginException refused) {
      assertThat(refused.code()).isEqualTo(ErrorCode.SCHEMA_MISFIT);
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  @Test
  final void livesLeaveNothing() throws Exception {
    call(() -> output(input(arrow.get()), 0));
    long before = Descriptors.open();
    PluginThreads threads = threads();
    for (int i = 0; i < lives(); i++) {
      threads.call("transform", () -> output(input(arrow.get()), 0));
    }
    threads.assertNoneLeft();
    assertNoDescriptorLeft(before);
  }

  @Test
  final void closingTwiceIsHarmless() throws Exception {
    call(() -> {
      Transform step = open();
      step.close();
      step.close();
      return true;
    });
  }
}
