package kr.madang.inference;

import ai.onnxruntime.OrtException;

/** Makes messages of ONNX Runtime readable. */
final class OrtErrors {
  private OrtErrors() {}

  /** Without code, source positions and stack. */
  static String text(OrtException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    int start = message.indexOf("message: ");
    if (start >= 0) {
      message = message.substring(start + "message: ".length());
    }
    int stack = message.indexOf("Stacktrace:");
    if (stack >= 0) {
      message = message.substring(0, stack);
    }
    return message
        .replaceAll("/\\S+\\.(cc|h|cpp):\\d+ ", "")
        .replaceAll("\\s*\\n\\s*", "; ")
        .strip();
  }
}
