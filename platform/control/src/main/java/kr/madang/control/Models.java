package kr.madang.control;

import java.util.List;

/** The models that plugins bring. */
public final class Models {
  Models() {}

  /** All versions of all models, by name and version. */
  public List<ModelView> list(Caller caller) {
    throw new UnsupportedOperationException();
  }
}
