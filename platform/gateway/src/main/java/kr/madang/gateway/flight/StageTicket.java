package kr.madang.gateway.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;

/**
 * What a ticket asks for: rows of a stage of a pipeline.
 *
 * @param workspace empty for the one of the token
 * @param recorded what the journal has, to its end; else what comes from now on
 * @param from the first row of what is recorded
 * @param rows after so many the stream ends
 */
record StageTicket(
    String workspace, String pipeline, String stage, boolean recorded, long from, long rows) {
  private static final String WHAT = "ticket";
  private static final Set<String> KEYS =
      Set.of("workspace", "pipeline", "stage", "recorded", "from", "rows");

  static StageTicket read(byte[] bytes, int from, int length) {
    JsonNode ticket = Json.read(bytes, from, length, WHAT, KEYS);
    String pipeline = Json.text(ticket, WHAT, "pipeline");
    String stage = Json.text(ticket, WHAT, "stage");
    if (pipeline.isEmpty() || stage.isEmpty()) {
      throw new Refusal(Status.INVALID, "ticket: expected 'pipeline' and 'stage'");
    }
    JsonNode recorded = ticket.path("recorded");
    if (!recorded.isBoolean() && !recorded.isMissingNode()) {
      throw new Refusal(Status.INVALID, "ticket: 'recorded': expected true or false");
    }
    return new StageTicket(
        Json.text(ticket, WHAT, "workspace"),
        pipeline,
        stage,
        recorded.asBoolean(),
        Json.number(ticket, WHAT, "from", 0),
        Json.number(ticket, WHAT, "rows", Long.MAX_VALUE));
  }

  static byte[] live(String workspace, String pipeline, String stage) {
    ObjectNode ticket = Json.object();
    return Json.bytes(
        ticket.put("workspace", workspace).put("pipeline", pipeline).put("stage", stage));
  }
}
