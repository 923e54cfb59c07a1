package kr.madang.gateway;

import java.util.HashMap;
import java.util.Map;
import kr.madang.control.Format;
import kr.madang.control.PipelineView;

/** What the parts of the table have in common: paths, and how they are read and answered. */
final class Routes {
  static final String V1 = "/api/v1";
  static final String PLUGIN = V1 + "/plugins/{id}/{version}";
  static final String SPACE = V1 + "/workspaces/{workspace}";
  static final String PIPELINES = SPACE + "/pipelines";
  static final String PIPELINE = PIPELINES + "/{pipeline}";

  private Routes() {}

  static String space(Exchange exchange) {
    return exchange.at("workspace");
  }

  static String name(Exchange exchange) {
    return exchange.at("pipeline");
  }

  static Format format(Exchange exchange) {
    return exchange.type().equals("application/json") ? Format.JSON : Format.YAML;
  }

  static Answer tagged(int status, PipelineView pipeline) {
    return Answer.json(status, Map.of("ETag", etag(pipeline)), Views.pipeline(pipeline));
  }

  static Answer stored(int status, PipelineView pipeline) {
    Map<String, String> headers = new HashMap<>();
    headers.put("ETag", etag(pipeline));
    headers.put(
        "Location",
        V1
            + "/workspaces/"
            + Door.encode(pipeline.workspace())
            + "/pipelines/"
            + Door.encode(pipeline.name()));
    return Answer.json(status, headers, Views.pipeline(pipeline));
  }

  private static String etag(PipelineView pipeline) {
    return "\"" + pipeline.revision() + "\"";
  }
}
