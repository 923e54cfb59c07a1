package kr.madang.control;

import java.util.List;
import java.util.Optional;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.ModelInfo.Signature;

/** Whether callers of one version of a model can do with another one. */
final class Fit {
  private Fit() {}

  /** What callers of the old version would stumble over; empty for nothing. */
  static Optional<String> misfit(LoadedModel old, LoadedModel fresh) {
    List<Signature> takes = fresh.info().inputs();
    for (Signature input : old.info().inputs()) {
      Optional<String> misfit = misfit("input", input, named(takes, input.name()), false);
      if (misfit.isPresent()) {
        return misfit;
      }
    }
    for (Signature input : takes) {
      if (named(old.info().inputs(), input.name()).isEmpty()) {
        return Optional.of("it wants an input '" + input.name() + "', which nobody sends");
      }
    }
    for (Signature output : old.outputs()) {
      Optional<String> misfit =
          misfit("output", output, named(fresh.outputs(), output.name()), true);
      if (misfit.isPresent()) {
        return misfit;
      }
    }
    return Optional.empty();
  }

  private static Optional<Signature> named(List<Signature> all, String name) {
    return all.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** An open dimension takes whatever comes, and gives whatever it gives. */
  private static Optional<String> misfit(
      String what, Signature old, Optional<Signature> fresh, boolean gives) {
    if (fresh.isEmpty()) {
      return Optional.of("it has no " + what + " '" + old.name() + "'");
    }
    Signature is = fresh.get();
    boolean fits = is.type().equals(old.type()) && is.shape().size() == old.shape().size();
    for (int i = 0; fits && i < is.shape().size(); i++) {
      long dimension = is.shape().get(i);
      long was = old.shape().get(i);
      fits = dimension < 0 || dimension == was || gives && was < 0;
    }
    return fits
        ? Optional.empty()
        : Optional.of(
            "%s '%s': expected %s %s, got %s %s"
                .formatted(what, old.name(), old.type(), old.shape(), is.type(), is.shape()));
  }
}
