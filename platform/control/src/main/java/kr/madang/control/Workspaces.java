package kr.madang.control;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import kr.madang.control.store.Store;
import kr.madang.inference.Inference;
import kr.madang.inference.Share;
import kr.madang.inference.Tenant;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The workspaces of an installation, tokens for them, and their shares of the machine. */
public final class Workspaces {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final int TOKEN_BYTES = 32;

  private final Guard guard;
  private final Store store;
  private final Access access;
  private final Inference inference;
  private final InstantSource clock;

  Workspaces(Guard guard, Store store, Access access, Inference inference, InstantSource clock) {
    this.guard = guard;
    this.store = store;
    this.access = access;
    this.inference = inference;
    this.clock = clock;
  }

  /**
   * A workspace and what it uses.
   *
   * @param rows that models have run for it since the start
   * @param computeNanos of cores that this has taken
   * @param waiting calls that wait for a core
   * @param refused calls that its limits have refused since the start
   */
  public record View(
      String name, Share share, long rows, long computeNanos, int waiting, long refused) {}

  /** A token; this is the only time that it is told. */
  public record Issued(String token, Caller caller) {}

  void load() {
    store
        .transaction(rows ->
            rows.read(
                "SELECT name, weight, rows_per_second, compute_ms_per_second, concurrent, queue"
                    + " FROM workspace",
                row ->
                    new View(
                        row.getString(1),
                        new Share(
                            row.getDouble(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getInt(5),
                            row.getInt(6)),
                        0,
                        0,
                        0,
                        0)))
        .forEach(known -> {
          guard.know(known.name());
          inference.tenant(known.name()).share(known.share());
        });
  }

  /** Those that the caller sees, by name. */
  public List<View> list(Caller caller) {
    return guard.known().stream().filter(caller::sees).sorted().map(this::view).toList();
  }

  /** One of them. */
  public View get(Caller caller, String name) {
    guard.require(caller, name, Role.VIEWER);
    return view(name);
  }

  private View view(String name) {
    Tenant tenant = inference.tenant(name);
    return new View(
        name,
        tenant.share(),
        tenant.rows(),
        tenant.computeNanos(),
        tenant.waiting(),
        tenant.refused());
  }

  /** Makes a workspace. */
  public View create(Caller caller, String name) {
    guard.requireEverywhere(caller, Role.ADMIN);
    if (!NAME.matcher(name).matches()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "name: expected small letters, digits, '.', '_' and '-', 63 at most, got '" + name + "'");
    }
    if (guard.known().contains(name)) {
      throw new PluginException(ControlError.CONFLICT, "workspace '" + name + "' is there already");
    }
    store.transaction(rows -> {
      rows.change("INSERT INTO workspace (name, created) VALUES (?, ?)", name, clock.millis());
      guard.note(rows, caller, "workspace.create", name, "");
      return true;
    });
    guard.know(name);
    return view(name);
  }

  /** Changes what a workspace may have, at once and for good. */
  public View share(Caller caller, String name, Share share) {
    guard.require(caller, name, Role.ADMIN);
    store.transaction(rows -> {
      rows.change(
          "UPDATE workspace SET weight = ?, rows_per_second = ?, compute_ms_per_second = ?,"
              + " concurrent = ?, queue = ? WHERE name = ?",
          share.weight(),
          share.rowsPerSecond(),
          share.computeMillisPerSecond(),
          share.concurrent(),
          share.queue(),
          name);
      guard.note(rows, caller, "workspace.share", name, share.toString());
      return true;
    });
    inference.tenant(name).share(share);
    return view(name);
  }

  /** Makes a token for somebody in a workspace. */
  public Issued issue(Caller caller, String workspace, String subject, Role role) {
    guard.require(caller, workspace, Role.ADMIN);
    if (subject.isBlank() || subject.length() > 100) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "subject: expected 1 to 100 characters that say who it is for");
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = "madang_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Caller made = new Caller(subject, role, Set.of(workspace));
    access.add(store, clock, token, made);
    store.transaction(rows -> {
      guard.note(rows, caller, "token.issue", workspace, subject + " is " + role);
      return true;
    });
    return new Issued(token, made);
  }
}
