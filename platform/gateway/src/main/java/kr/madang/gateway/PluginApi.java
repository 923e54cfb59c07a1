package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Routes.PLUGIN;
import static kr.madang.gateway.Routes.V1;

import java.util.List;
import java.util.Map;
import kr.madang.control.Control;
import kr.madang.gateway.Operation.Takes;

/** Plugins. */
final class PluginApi {
  private final Control control;

  PluginApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(V1 + "/plugins", "listPlugins", "All plugins of this installation.")
            .givesJson(200, "Plugins", "By id and version.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "plugins",
                        Json.array(control.plugins().list(exchange.caller()), Views::plugin)))));
    to.add(
        post(V1 + "/plugins", "installPlugin", "Tries, installs and starts a plugin archive.")
            .takes(Takes.ARCHIVE)
            .givesJson(201, "Plugin", "Installed; Location names it.")
            .by(exchange -> {
              var plugin =
                  control.plugins().install(exchange.caller(), exchange.archive().orElseThrow());
              return Answer.json(
                  201,
                  Map.of(
                      "Location",
                      V1
                          + "/plugins/"
                          + Door.encode(plugin.id())
                          + "/"
                          + Door.encode(plugin.version())),
                  Views.plugin(plugin));
            }));
    to.add(
        get(PLUGIN, "getPlugin", "One version of a plugin.")
            .givesJson(200, "Plugin", "As it is.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .get(exchange.caller(), exchange.at("id"), exchange.at("version"))))));
    to.add(
        delete(PLUGIN, "uninstallPlugin", "Stops a plugin and deletes its files.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control
                  .plugins()
                  .uninstall(exchange.caller(), exchange.at("id"), exchange.at("version"));
              return new Answer.Empty(204);
            }));
    to.add(
        post(PLUGIN + "/start", "startPlugin", "Starts a plugin, now and after each restart.")
            .givesJson(200, "Plugin", "Started.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .start(
                                exchange.caller(), exchange.at("id"), exchange.at("version"))))));
    to.add(
        post(PLUGIN + "/stop", "stopPlugin", "Stops a plugin, now and after each restart.")
            .givesJson(200, "Plugin", "Stopped.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .stop(exchange.caller(), exchange.at("id"), exchange.at("version"))))));
  }
}
