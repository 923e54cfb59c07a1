package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import kr.madang.gateway.OnnxCase.DataSet;
import kr.madang.gateway.OnnxCase.Port;
import kr.madang.gateway.OnnxCase.Value;
import kr.madang.gateway.oip.Datatype;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ONNX's own tests of its operators, of Debian's package {@code libonnx-testdata}, through each
 * door. A build runs some, {@code -Dmadang.onnx=all} runs all and prints what is listed in {@code
 * conformance.md}.
 */
class OnnxNodeTest {
  private static final Path DATA = Path.of("/usr/share/libonnx-testdata/data/node");
  private static final String SLICE = System.getProperty("madang.onnx", "60");
  private static final int AT_ONCE = 40;

  /** Operators whose outputs grow by data want a bound. */
  private static final String LIMITS = "limits: { peakBytes: 268435456, runMillis: 10000 }";

  @TempDir static Path home;

  private final Map<String, List<String>> outcomes = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private int asked;

  @Test
  void eachOperatorGivesByEachDoorWhatItsTestExpects() throws Exception {
    Assumptions.assumeTrue(
        Files.isDirectory(DATA), "apt-get install libonnx-testdata to have this test run");
    List<OnnxCase> cases = cases();
    try (House house = new House(home, GatewayOptions.Limits.DEFAULT);
        GrpcClient grpc = new GrpcClient(house)) {
      OnnxDoors doors = new OnnxDoors(house, grpc);
      for (int from = 0; from < cases.size(); from += AT_ONCE) {
        List<OnnxCase> some = cases.subList(from, Math.min(cases.size(), from + AT_ONCE));
        serve(house, doors, from, some);
      }
      assertThat(house.control.serving().memory().taken()).isZero();
    }
    int passed = outcomes.getOrDefault("passed", List.of()).size();
    System.out.printf(
        "[onnx] %d of %d tests passed, %d answers were compared%n", passed, cases.size(), asked);
    outcomes.forEach((why, names) -> {
      if (!why.equals("passed")) {
        System.out.printf("[onnx] %4d %s: %s%n", names.size(), why, String.join(" ", names));
      }
    });
    assertThat(wrong).isEmpty();
    assertThat(passed).isGreaterThan(cases.size() * 6 / 10);
  }

  private static List<OnnxCase> cases() throws Exception {
    List<Path> folders;
    try (Stream<Path> found = Files.list(DATA)) {
      folders = new ArrayList<>(found.sorted().toList());
    }
    if (!SLICE.equals("all")) {
      Collections.shuffle(folders, new Random(Long.getLong("madang.seed", 5)));
      folders = folders.subList(0, Integer.parseInt(SLICE));
    }
    List<OnnxCase> cases = new ArrayList<>();
    for (Path folder : folders) {
      cases.add(OnnxCase.read(folder));
    }
    return cases;
  }

  private static boolean carried(Port port) {
    return port.kind().equals("tensor") && Datatype.labelled(port.type()).isPresent();
  }

  private void serve(House house, OnnxDoors doors, int first, List<OnnxCase> cases)
      throws Exception {
    Brain brain = new Brain("onnx-" + first, "1.0.0");
    for (int i = 0; i < cases.size(); i++) {
      OnnxCase one = cases.get(i);
      if (cause(one).isEmpty()) {
        List<String> inputs =
            one.inputs().stream().map(port -> "\"%s\": {}".formatted(port.name())).toList();
        brain.model(
            "n" + (first + i),
            "1.0.0",
            one.model(),
            "{ " + String.join(", ", inputs) + " }\n" + LIMITS);
      }
    }
    brain.install(house);
    Map<String, String> refused = new TreeMap<>();
    for (JsonNode one : new ObjectMapper().readTree(house.post("/v2/repository/index").body())) {
      refused.put(one.at("/name").asText(), one.at("/reason").asText());
    }
    for (int i = 0; i < cases.size(); i++) {
      OnnxCase one = cases.get(i);
      String model = "n" + (first + i);
      String cause = cause(one);
      if (cause.isEmpty()) {
        String reason = refused.getOrDefault(model, "");
        cause = reason.isEmpty() ? asked(doors, model, one) : atLoad(reason);
      }
      if (cause.startsWith("wrong")) {
        wrong.add(one.name() + " (" + model + "): " + cause);
      }
      outcomes.computeIfAbsent(cause, _ -> new ArrayList<>()).add(one.name());
    }
  }

  /** Why a test cannot be served at all. */
  private static String cause(OnnxCase one) {
    if (one.inputs().isEmpty()) {
      return "no inputs: a model that always gives the same is refused";
    }
    for (Port port : Stream.concat(one.inputs().stream(), one.outputs().stream()).toList()) {
      if (!carried(port)) {
        return port.kind().equals("tensor")
            ? "type " + port.type() + ", which the protocol has not"
            : port.kind() + ", which the protocol has not";
      }
    }
    return "";
  }

  private static String atLoad(String reason) {
    if (reason.contains("cannot be passed from Java")) {
      return "not carried by Java: " + reason.replaceAll(".*: type (\\w+) cannot.*", "$1");
    }
    if (reason.contains("expected an operator of ai.onnx")) {
      return "operator of a domain that is not let in";
    }
    if (reason.contains("NOT_IMPLEMENTED") || reason.contains("implementation")) {
      return "operator that ONNX Runtime has not for the type";
    }
    if (reason.contains("locale with name")) {
      return "locale en_US.UTF-8, which this machine has not";
    }
    if (reason.contains("layout == 1")) {
      return "recurrent operator by batches, which ONNX Runtime has not";
    }
    return "wrong: refused: " + reason;
  }

  private String asked(OnnxDoors doors, String model, OnnxCase one) {
    List<String> names = one.inputs().stream().map(Port::name).toList();
    for (DataSet set : one.sets()) {
      List<Callable<List<Value>>> ways = new ArrayList<>();
      ways.add(() -> doors.binary(model, names, set.inputs()));
      ways.add(() -> doors.grpc(model, names, set.inputs(), true));
      if (set.inputs().stream().allMatch(value -> typed(value))) {
        ways.add(() -> doors.grpc(model, names, set.inputs(), false));
      }
      if (set.inputs().stream().allMatch(OnnxCompare::inJson)
          && set.outputs().stream().allMatch(value -> typed(value))) {
        ways.add(() -> doors.json(model, names, set.inputs()));
      }
      for (int i = 0; i < ways.size(); i++) {
        String why;
        try {
          asked++;
          why = OnnxCompare.difference(set.outputs(), ways.get(i).call());
        } catch (OnnxDoors.Refused e) {
          why = e.getMessage();
        } catch (Exception e) {
          return "wrong: way " + i + ": " + e;
        }
        if (!why.isEmpty()) {
          return otherwise(one, set, i, why);
        }
      }
    }
    return "passed";
  }

  private static boolean typed(Value value) {
    return !value.type().equals("float16") && !value.type().equals("bfloat16");
  }

  /** A test that did not pass: is it so with the bare library too? */
  private static String otherwise(OnnxCase one, DataSet set, int way, String why) {
    String bare = OnnxOracle.says(one, set);
    if (bare.isEmpty()) {
      return "wrong: way %d: %s".formatted(way, why);
    }
    return bare.startsWith("element") || bare.startsWith("other") || bare.startsWith("expected")
        ? "other values by bare ONNX Runtime too"
        : "refused by bare ONNX Runtime too";
  }
}
