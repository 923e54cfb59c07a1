package kr.madang.control;

import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Node;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.spec.SpecReader;

/** Reads pipeline documents. */
final class PipelineFile {
  private PipelineFile() {}

  static PipelineSpec read(String document, Format format, Binder binder, PipelineSpec.Usual usual) {
    Node root =
        switch (format) {
          case YAML -> Documents.yaml(document);
          case JSON -> Documents.json(document);
        };
    return SpecReader.read(root, binder, usual);
  }
}
