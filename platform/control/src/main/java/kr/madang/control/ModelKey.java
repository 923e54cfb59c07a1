package kr.madang.control;

/** One version of a model, from one place. */
record ModelKey(Origin origin, String name, String version) {
  @Override
  public String toString() {
    return name + "@" + version + " of " + origin;
  }
}
