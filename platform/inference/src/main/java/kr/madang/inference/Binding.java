package kr.madang.inference;

import java.util.List;
import java.util.Map;
import kr.madang.sdk.model.ModelSpec;

/**
 * A model's declaration after it was checked against the graph.
 *
 * @param model name and version, for messages
 * @param inputs in the order of the graph
 * @param outputs that are wanted
 * @param scale by field
 * @param batch the rows that each run takes; -1 for any number
 * @param unrowed why rows cannot be run, for a graph whose inputs do not go by rows; else empty
 */
record Binding(
    String model,
    List<InputSpec> inputs,
    List<OutputSpec> outputs,
    Map<String, ModelSpec.Scale> scale,
    long batch,
    String unrowed) {}
