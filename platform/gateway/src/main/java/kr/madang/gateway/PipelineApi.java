package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;
import static kr.madang.gateway.Routes.PIPELINE;
import static kr.madang.gateway.Routes.PIPELINES;
import static kr.madang.gateway.Routes.SPACE;
import static kr.madang.gateway.Routes.format;
import static kr.madang.gateway.Routes.name;
import static kr.madang.gateway.Routes.space;
import static kr.madang.gateway.Routes.stored;
import static kr.madang.gateway.Routes.tagged;

import java.util.List;
import kr.madang.control.Control;
import kr.madang.gateway.Operation.Query;
import kr.madang.gateway.Operation.Takes;

/** Pipelines as they should be. */
final class PipelineApi {
  private final Control control;

  PipelineApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(PIPELINES, "listPipelines", "The pipelines of a workspace.")
            .givesJson(200, "Pipelines", "By name.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "pipelines",
                        Json.array(
                            control.pipelines().list(exchange.caller(), space(exchange)),
                            Views::pipeline)))));
    to.add(
        post(PIPELINES, "createPipeline", "Stores a pipeline that should run from now on.")
            .takes(Takes.DOCUMENT)
            .givesJson(201, "Pipeline", "Stored; Location names it, ETag is its revision.")
            .by(exchange ->
                stored(
                    201,
                    control
                        .pipelines()
                        .create(
                            exchange.caller(),
                            space(exchange),
                            exchange.document(),
                            format(exchange)))));
    to.add(
        get(PIPELINE, "getPipeline", "One pipeline: what it should do and what it does.")
            .givesJson(200, "Pipeline", "ETag is its revision.")
            .by(exchange ->
                tagged(
                    200,
                    control.pipelines().get(exchange.caller(), space(exchange), name(exchange)))));
    to.add(
        put(PIPELINE, "replacePipeline", "Replaces the document of a pipeline, or creates it.")
            .ifMatch()
            .takes(Takes.DOCUMENT)
            .givesJson(200, "Pipeline", "Stored; ETag is its revision.")
            .by(exchange ->
                tagged(
                    200,
                    control
                        .pipelines()
                        .replace(
                            exchange.caller(),
                            space(exchange),
                            name(exchange),
                            exchange.document(),
                            format(exchange),
                            exchange.revision()))));
    to.add(
        delete(PIPELINE, "deletePipeline", "Stops a pipeline and forgets it.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control.pipelines().delete(exchange.caller(), space(exchange), name(exchange));
              return new Answer.Empty(204);
            }));
    to.add(
        post(PIPELINE + "/start", "startPipeline", "Asks that a pipeline runs.")
            .givesJson(200, "Pipeline", "Noted.")
            .by(exchange ->
                tagged(
                    200,
                    control
                        .pipelines()
                        .start(exchange.caller(), space(exchange), name(exchange)))));
    to.add(
        post(PIPELINE + "/stop", "stopPipeline", "Asks that a pipeline does not run.")
            .givesJson(200, "Pipeline", "Noted.")
            .by(exchange ->
                tagged(
                    200,
                    control.pipelines().stop(exchange.caller(), space(exchange), name(exchange)))));
    to.add(
        post(SPACE + "/check", "checkPipeline", "Checks a document without starting it.")
            .query(
                new Query.Whole("verify", 0, 1, 0, "1 lets each stage look at its far side too."))
            .takes(Takes.DOCUMENT)
            .givesJson(200, "Report", "What was tried; 'ok' says whether all went well.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.report(
                        control
                            .pipelines()
                            .check(
                                exchange.caller(),
                                space(exchange),
                                exchange.document(),
                                format(exchange),
                                exchange.number("verify") == 1)))));
  }
}
