package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Routes.SPACE;
import static kr.madang.gateway.Routes.space;

import java.util.List;
import kr.madang.control.Control;

/** What people should look at. */
final class AlarmApi {
  private final Control control;

  AlarmApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(SPACE + "/alarms", "listAlarms", "The active alarms, then the latest cleared.")
            .givesJson(200, "Alarms", "Of the workspace and of the platform.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "alarms",
                        Json.array(
                            control.alarms().list(exchange.caller(), space(exchange)),
                            Views::alarm)))));
    to.add(
        post(
                SPACE + "/alarms/{alarm}/acknowledge",
                "acknowledgeAlarm",
                "Notes that somebody has seen an alarm.")
            .givesJson(200, "Alarm", "Noted.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.alarm(
                        control
                            .alarms()
                            .acknowledge(
                                exchange.caller(),
                                space(exchange),
                                number(exchange.at("alarm")))))));
  }

  private static long number(String id) {
    try {
      return Long.parseLong(id);
    } catch (NumberFormatException e) {
      throw new Fault(404, "NOT_FOUND", "there is no alarm '" + id + "'; their ids are numbers");
    }
  }
}
