package kr.madang.inference.onnx;

import java.io.IOException;

/** A file that cannot be read any further: damaged, cut off, or beyond a bound. */
public final class OnnxFault extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Reason reason;

  /** A fault at some place. */
  public OnnxFault(String where, String expected, String got) {
    this(new Reason(where, expected, got));
  }

  private OnnxFault(Reason reason) {
    super(reason.text());
    this.reason = reason;
  }

  /** What is wrong. */
  public Reason reason() {
    return reason;
  }
}
