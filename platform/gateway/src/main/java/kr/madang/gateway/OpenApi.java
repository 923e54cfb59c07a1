package kr.madang.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The OpenAPI 3.1 document of a table of operations. */
final class OpenApi {
  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  private OpenApi() {}

  static ObjectNode document(List<Operation> operations, String version) {
    ObjectNode document = Json.object();
    document.put("openapi", "3.1.0");
    ObjectNode info = document.putObject("info");
    info.put("title", "Madang admin API");
    info.put("version", version);
    info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
    ObjectNode paths = document.putObject("paths");
    for (Operation operation : operations) {
      ObjectNode path =
          paths.has(operation.path())
              ? (ObjectNode) paths.get(operation.path())
              : paths.putObject(operation.path());
      path.set(operation.method().name().toLowerCase(Locale.ROOT), describe(operation));
    }
    ObjectNode components = document.putObject("components");
    components.set("schemas", Schemas.all());
    components
        .putObject("responses")
        .putObject("Problem")
        .put("description", "What went wrong, where, and what to do.")
        .putObject("content")
        .putObject(Problem.TYPE)
        .set("schema", reference("Problem"));
    components
        .putObject("securitySchemes")
        .putObject("bearer")
        .put("type", "http")
        .put("scheme", "bearer");
    document.putArray("security").addObject().putArray("bearer");
    return document;
  }

  private static ObjectNode describe(Operation operation) {
    ObjectNode json = Json.object();
    json.put("operationId", operation.id());
    json.put("summary", operation.summary());
    json.putArray("tags").add(operation.group());
    if (operation.open()) {
      json.putArray("security");
    }
    ArrayNode parameters = json.putArray("parameters");
    Matcher variable = VARIABLE.matcher(operation.path());
    while (variable.find()) {
      parameter(parameters, variable.group(1), "path", true).put("type", "string");
    }
    for (Operation.Query query : operation.query()) {
      ObjectNode schema =
          parameter(parameters, query.name(), "query", false).put("description", query.doc());
      switch (query) {
        case Operation.Query.Whole whole ->
            schema
                .put("type", "integer")
                .put("minimum", whole.min())
                .put("maximum", whole.max())
                .put("default", whole.preset());
        case Operation.Query.Text text -> {
          schema.put("type", "string");
          if (!text.choices().isEmpty()) {
            schema.set("enum", Json.strings(text.choices()));
          }
        }
      }
    }
    if (operation.ifMatch()) {
      parameter(parameters, "If-Match", "header", false)
          .put("type", "string")
          .put("description", "The ETag that must still hold; else 412.");
    }
    if (operation.takes() != Operation.Takes.NOTHING) {
      ObjectNode body = json.putObject("requestBody").put("required", operation.takes().required());
      ObjectNode content = body.putObject("content");
      for (String type : operation.takes().types()) {
        content
            .putObject(type)
            .putObject("schema")
            .put("type", operation.takes().name().endsWith("JSON") ? "object" : "string");
      }
    }
    ObjectNode responses = json.putObject("responses");
    operation
        .gives()
        .forEach((status, gives) -> {
          ObjectNode response = responses.putObject(Integer.toString(status));
          response.put("description", gives.doc());
          if (!gives.type().isEmpty()) {
            ObjectNode content = response.putObject("content").putObject(gives.type());
            content.set(
                "schema", gives.schema().isEmpty() ? Json.object() : reference(gives.schema()));
          }
        });
    responses.putObject("default").put("$ref", "#/components/responses/Problem");
    return json;
  }

  private static ObjectNode parameter(
      ArrayNode parameters, String name, String in, boolean required) {
    return parameters
        .addObject()
        .put("name", name)
        .put("in", in)
        .put("required", required)
        .putObject("schema");
  }

  private static ObjectNode reference(String schema) {
    return Json.object().put("$ref", "#/components/schemas/" + schema);
  }
}
