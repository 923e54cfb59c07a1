package kr.madang.gateway;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.Caller;
import org.jspecify.annotations.Nullable;

/**
 * A request as an operation sees it: known caller, checked parameters, whole body.
 *
 * @param who the caller; null only for open operations
 * @param path the values of what varies in the path
 * @param query what the query says, numbers with their presets
 * @param ifMatch the header, where the operation heeds it
 * @param accept the header; empty without it
 * @param type the media type of the body; empty without one
 * @param document the body, when it is a document
 * @param archive the body, when it is an archive
 */
record Exchange(
    @Nullable Caller who,
    Map<String, String> path,
    Map<String, String> query,
    Optional<String> ifMatch,
    String accept,
    String type,
    String document,
    Optional<Path> archive) {

  Caller caller() {
    if (who == null) {
      throw Fault.unauthorized();
    }
    return who;
  }

  String at(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("no path parameter " + name);
    }
    return value;
  }

  int number(String name) {
    String value = query.get(name);
    if (value == null) {
      throw new IllegalStateException("no query parameter " + name);
    }
    return Integer.parseInt(value);
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(query.get(name));
  }

  Exchange with(String body) {
    return new Exchange(who, path, query, ifMatch, accept, type, body, archive);
  }

  Exchange with(Path file) {
    return new Exchange(who, path, query, ifMatch, accept, type, document, Optional.of(file));
  }

  /** The revision that a client wants to replace, if it said one. */
  Optional<Long> revision() {
    if (ifMatch.isEmpty() || ifMatch.get().strip().equals("*")) {
      return Optional.empty();
    }
    String tag = ifMatch.get().strip();
    try {
      if (tag.length() > 2 && tag.startsWith("\"") && tag.endsWith("\"")) {
        return Optional.of(Long.parseLong(tag.substring(1, tag.length() - 1)));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new Fault(
        400,
        "BAD_REQUEST",
        "If-Match must be the ETag of an earlier answer, like \"3\" with its quotes, got " + tag);
  }
}
