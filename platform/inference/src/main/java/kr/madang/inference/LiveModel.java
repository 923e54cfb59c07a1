package kr.madang.inference;

import java.util.function.Consumer;

/**
 * The model of a step that follows an alias: another version may take its place while the step
 * runs. Any thread.
 */
public final class LiveModel {
  private final Consumer<String> refused;
  private volatile LoadedModel model;

  /**
   * Starts with a version.
   *
   * @param refused is told on the thread of a pipeline, at most once for each version, why a step
   *     cannot take it and goes on with the one before; must not block
   */
  public LiveModel(LoadedModel model, Consumer<String> refused) {
    this.model = model;
    this.refused = refused;
  }

  /** The version that steps are to run. */
  public LoadedModel model() {
    return model;
  }

  /**
   * Has another version run from the next batch of each step on. The caller may close the one
   * before at once; steps keep it until they have changed.
   */
  public void become(LoadedModel next) {
    model = next;
  }

  void refuse(String why) {
    refused.accept(why);
  }
}
