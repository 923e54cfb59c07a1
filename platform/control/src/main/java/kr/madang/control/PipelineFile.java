package kr.madang.control;

import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Node;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.spec.SpecReader;
import kr.madang.sdk.error.PluginException;

/** Reads pipeline documents. */
final class PipelineFile {
  private PipelineFile() {}

  /** {@code journal} or {@code none}; empty where the document says nothing that can be read. */
  static String durability(String document, Format format) {
    try {
      return root(document, format) instanceof Node.Mapping mapping
              && mapping.get("durability") instanceof Node.Scalar scalar
          ? scalar.text()
          : "journal";
    } catch (PluginException e) {
      return "";
    }
  }

  static PipelineSpec read(
      String document, Format format, Binder binder, PipelineSpec.Usual usual) {
    return SpecReader.read(root(document, format), binder, usual);
  }

  private static Node root(String document, Format format) {
    return switch (format) {
      case YAML -> Documents.yaml(document);
      case JSON -> Documents.json(document);
    };
  }
}
