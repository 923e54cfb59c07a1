package kr.madang.gateway.flight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.control.ModelStanding;
import kr.madang.control.PipelineView;
import kr.madang.control.ServedModel;
import kr.madang.control.Workspaces;
import kr.madang.engine.PipelineStatus;
import kr.madang.gateway.arrow.OutputTable;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** What there is: models, and stages of pipelines in the workspaces that a caller sees. */
final class Listing {
  private static final String SOURCE = "source";
  private final Control control;

  Listing(Control control) {
    this.control = control;
  }

  /** {@code ListFlights}: all, or those whose path begins as the criteria say. */
  List<byte[]> all(Caller caller, byte[] criteria) {
    String first = expression(criteria);
    List<byte[]> all = new ArrayList<>();
    if (first.isEmpty() || first.equals("models")) {
      Set<String> names = new LinkedHashSet<>();
      for (ModelStanding model : control.serving().index(caller)) {
        if (model.state() == ModelStanding.State.READY && names.add(model.name())) {
          all.add(flight(List.of("models", model.name()), new byte[0], null, null));
        }
      }
    }
    if (first.isEmpty() || first.equals("pipelines")) {
      for (Workspaces.View workspace : control.workspaces().list(caller)) {
        for (PipelineView view : control.pipelines().list(caller, workspace.name())) {
          for (PipelineStatus.StageStatus stage : view.status().stages()) {
            all.add(stage(caller, view, stage));
          }
        }
      }
    }
    return all;
  }

  private static String expression(byte[] criteria) {
    String[] expression = {""};
    Wire.read(
        criteria,
        0,
        criteria.length,
        (field, in) -> {
          if (field == 1) {
            expression[0] = in.readStringRequireUtf8();
          }
          return field == 1;
        });
    if (!Set.of("", "models", "pipelines").contains(expression[0])) {
      throw new Refusal(Status.INVALID, "criteria: expected nothing, models or pipelines");
    }
    return expression[0];
  }

  /** {@code GetFlightInfo}. */
  byte[] info(Caller caller, byte[] descriptor) {
    List<String> path = Descriptor.path(descriptor);
    switch (Descriptor.of(path)) {
      case Descriptor.Model model -> {
        try (ServedModel open = control.serving().open(caller, model.name(), model.version())) {
          return flight(path, columns(open), null, null);
        }
      }
      case Descriptor.Stage stage -> {
        String workspace =
            stage.workspace().isEmpty() ? control.serving().workspace(caller) : stage.workspace();
        PipelineView view = control.pipelines().get(caller, workspace, stage.pipeline());
        for (PipelineStatus.StageStatus one : view.status().stages()) {
          if (one.name().equals(stage.stage())) {
            return stage(caller, view, one);
          }
        }
        throw new Refusal(
            Status.NOT_FOUND,
            "pipeline '%s' has no stage '%s'".formatted(stage.pipeline(), stage.stage()));
      }
    }
  }

  /** {@code GetSchema}: what a model wants to be sent. */
  byte[] schema(Caller caller, byte[] descriptor) {
    Descriptor.Model model = Descriptor.model(Descriptor.path(descriptor));
    try (ServedModel open = control.serving().open(caller, model.name(), model.version())) {
      byte[] schema = columns(open);
      if (schema.length == 0) {
        throw new Refusal(
            Status.INVALID,
            "model %s: no schema says its inputs, since a dimension beside the rows varies"
                .formatted(open.name()));
      }
      return Wire.message(out -> out.bytes(1, schema));
    }
  }

  /** A schema as a message of a stream; empty where the graph leaves open what a row is. */
  private static byte[] columns(ServedModel open) {
    return OutputTable.expected(open.inputs(), List.of())
        .map(shapes ->
            OutputTable.schema(
                shapes, Map.of("model_name", open.name(), "model_version", open.version())))
        .map(Listing::enclosed)
        .orElse(new byte[0]);
  }

  private static byte[] enclosed(ByteBuffer message) {
    int length = (message.remaining() + 7) / 8 * 8;
    byte[] bytes = new byte[8 + length];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(-1).putInt(length).put(message);
    return bytes;
  }

  private byte[] stage(Caller caller, PipelineView view, PipelineStatus.StageStatus stage) {
    List<String> path = List.of("pipelines", view.workspace(), view.name(), stage.name());
    byte[] ticket = StageTicket.live(view.workspace(), view.name(), stage.name());
    return flight(path, new byte[0], ticket, accepted(caller, view, stage));
  }

  /** How far a source is into which rows are sent. */
  private byte @Nullable [] accepted(
      Caller caller, PipelineView view, PipelineStatus.StageStatus stage) {
    if (!stage.kind().equals(SOURCE)) {
      return null;
    }
    try {
      return control
          .stageRows()
          .inlet(caller, view.workspace(), view.name(), stage.name())
          .accepted()
          .map(known -> {
            ObjectNode json = Json.object().put("accepted", known.rows());
            ObjectNode keys = json.putObject("keys");
            known.keys().forEach(keys::put);
            return Json.bytes(json);
          })
          .orElse(null);
    } catch (PluginException e) {
      // it takes no rows from outside, or not from this caller
      return null;
    }
  }

  private static byte[] flight(
      List<String> path, byte[] schema, byte @Nullable [] ticket, byte @Nullable [] metadata) {
    return Wire.message(out -> {
      if (schema.length > 0) {
        out.bytes(1, schema);
      }
      out.bytes(2, Descriptor.bytes(path));
      if (ticket != null) {
        byte[] inner = Wire.message(one -> one.bytes(1, ticket));
        out.message(3, endpoint -> endpoint.bytes(1, inner));
      }
      out.number(4, -1).number(5, -1);
      if (metadata != null) {
        out.bytes(7, metadata);
      }
    });
  }
}
