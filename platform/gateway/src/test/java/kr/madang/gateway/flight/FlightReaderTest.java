package kr.madang.gateway.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.gateway.arrow.Column;
import kr.madang.gateway.arrow.ColumnTensors;
import kr.madang.gateway.arrow.Columns;
import kr.madang.gateway.arrow.IpcMessage;
import kr.madang.gateway.flight.FlightBytes.Part;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.inference.ModelInfo;
import kr.madang.inference.Slabs;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever bytes come: they are read, or refused with words of our own. */
class FlightReaderTest {
  private static final int ROUNDS = Integer.getInteger("madang.flightDamage", 2_000);
  private static final List<String> PATH = List.of("pipelines", "press", "source");
  private static final Schema FRAMES =
      Frames.schema(
          List.of(
              Frames.field("count", new ArrowType.Int(64, true), "", ""),
              Frames.field("flow", Frames.DOUBLE, "L/s", "")));

  @RegisterExtension final TestAllocator allocator = new TestAllocator();
  private static Inference inference;
  private static Slabs slabs;

  @BeforeAll
  static void open() {
    inference = Inference.open(InferenceOptions.defaults());
    slabs = inference.slabs();
  }

  @AfterAll
  static void close() {
    inference.close();
  }

  /** What a door makes of the columns of a batch. */
  @FunctionalInterface
  private interface Use {
    void of(Map<String, Column> columns, int rows);
  }

  /** Makes it for a schema. */
  @FunctionalInterface
  private interface Begin {
    Use of(IpcMessage.Head head);
  }

  /** Reads a stream as the calls do; true if all of it was taken. */
  private static boolean read(List<byte[]> messages, Begin begin) {
    try {
      Columns columns = null;
      Use use = null;
      for (byte[] bytes : messages) {
        FlightData data = FlightData.read(bytes);
        if (!data.hasMessage()) {
          continue;
        }
        IpcMessage message = data.message();
        if (message instanceof IpcMessage.Head head) {
          use = begin.of(head);
          columns = new Columns(head.schema());
        } else if (columns == null || use == null) {
          return false;
        } else if (message instanceof IpcMessage.Words words) {
          columns.take(words);
        } else if (message instanceof IpcMessage.Rows rows) {
          use.of(columns.of(rows), rows.block().rows());
        }
      }
      return true;
    } catch (Refusal e) {
      assertThat(e.status()).isIn(Status.INVALID, Status.UNAVAILABLE);
      assertThat(e).hasMessageNotContaining("Exception");
      return false;
    } catch (PluginException e) {
      assertThat(Status.of(e.code())).isIn(Status.INVALID, Status.UNAVAILABLE);
      assertThat(e).hasMessageNotContaining("Exception");
      return false;
    }
  }

  private static void damaged(List<Part> sound, Begin begin) {
    assertThat(read(FlightBytes.messages(PATH, sound), begin)).isTrue();
    int taken = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      List<byte[]> messages = new Damage(seed).stream(PATH, sound);
      try {
        taken += read(messages, begin) ? 1 : 0;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
    }
    // the damage is neither always seen nor never
    assertThat(taken).isBetween(ROUNDS / 100, ROUNDS * 3 / 4);
  }

  @Test
  void damagedSamplesAreTakenOrRefused() {
    try (SampleWriter writer = new SampleWriter(allocator.get())) {
      damaged(
          FlightBytes.samples(allocator.get()),
          head -> {
            RowShape shape = RowShape.of(head.schema(), Optional.empty());
            return (columns, rows) -> {
              try {
                shape.rows(columns, rows).samples(writer);
                writer.take().close();
              } finally {
                writer.clear();
              }
            };
          });
    }
  }

  @Test
  void damagedFramesAreTakenOrRefused() {
    try (FrameWriter writer = new FrameWriter(allocator.get(), FRAMES)) {
      damaged(
          FlightBytes.frames(allocator.get()),
          head -> {
            RowShape shape = RowShape.of(head.schema(), Optional.of(FRAMES));
            return (columns, rows) -> {
              boolean whole = false;
              try {
                shape.rows(columns, rows).frames(writer);
                writer.take().close();
                whole = true;
              } finally {
                if (!whole) {
                  writer.close();
                }
              }
            };
          });
    }
  }

  @Test
  void damagedTensorsAreTakenOrRefusedAndTheirMemoryComesBack() {
    tensors(
        FlightBytes.floats(allocator.get(), 5),
        new ModelInfo.Signature("x", "float32", List.of(-1L, 3L), List.of("n", "")));
    tensors(
        FlightBytes.words(allocator.get()),
        new ModelInfo.Signature("x", "string", List.of(-1L), List.of("n")));
  }

  private static void tensors(List<Part> sound, ModelInfo.Signature input) {
    damaged(
        sound,
        head -> {
          Columns begun = new Columns(head.schema());
          ColumnTensors.of(List.of(begun.none()), List.of(input), slabs).close();
          return (columns, _) -> ColumnTensors.of(List.of(columns), List.of(input), slabs).close();
        });
    assertThat(slabs.taken()).isZero();
  }

  @Test
  void groupsWithinGroupsWithoutEndAreRefused() {
    byte[] groups = new byte[1 << 20];
    Arrays.fill(groups, (byte) 0x2b);
    assertThatThrownBy(() -> FlightData.read(groups))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("the message cannot be read");
  }

  @Test
  void aSecondDescriptorInAMessageIsRefused() {
    byte[] message =
        Wire.message(out -> {
          for (int i = 0; i < 2; i++) {
            out.bytes(1, Descriptor.bytes(PATH));
          }
        });
    assertThatThrownBy(() -> FlightData.read(message))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("one descriptor");
  }
}
