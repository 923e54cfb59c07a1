package kr.madang.plugins.opcua;

import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;

/** Reads OPC UA servers by subscription. */
final class OpcUaSource implements SourceFactory<OpcUaConfig> {
  @Override
  public String name() {
    return "opcua";
  }

  @Override
  public String title() {
    return "OPC UA server";
  }

  @Override
  public Class<OpcUaConfig> config() {
    return OpcUaConfig.class;
  }

  @Override
  public List<Tag> tags(OpcUaConfig config) {
    return config.tags().stream()
        .flatMap(item ->
            item.tags().stream().map(name -> new Tag(name, item.unit(), item.description())))
        .toList();
  }

  @Override
  public Source open(OpcUaConfig config, SourceContext context) throws InterruptedException {
    return Feed.open(config, context);
  }

  @Override
  public void verify(OpcUaConfig config, Verification verification) throws InterruptedException {
    try (Check check = new Check(config)) {
      check.run(verification);
    }
  }
}
