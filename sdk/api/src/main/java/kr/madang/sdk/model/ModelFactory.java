package kr.madang.sdk.model;

import java.io.IOException;
import java.io.InputStream;

/** A model that a plugin declares in code; a folder {@code models/NAME} needs none. */
public interface ModelFactory {

  /** What the model is and takes; asked once after the plugin was constructed. */
  ModelSpec spec();

  /** The ONNX file; read to its end and closed by the host, each time the model is loaded. */
  InputStream open() throws IOException;
}
