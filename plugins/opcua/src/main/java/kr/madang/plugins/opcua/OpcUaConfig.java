package kr.madang.plugins.opcua;

import static kr.madang.plugins.opcua.Item.check;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;

/** One server, how to trust it, and what to read from it. */
record OpcUaConfig(
    @Doc("Address of the server: opc.tcp://host:4840/path") String endpoint,
    @Doc("Security policy; the strongest that the server offers if left out, never none by itself")
        Optional<Policy> policy,
    @Doc("Whether messages are signed, or signed and encrypted; the stronger offered if left out")
        Optional<Mode> mode,
    @Doc("User name; anonymous if left out") Optional<String> user,
    @Doc("Password of the user") Optional<Secret> password,
    @Doc("Lets the password go over the wire unencrypted where the server offers nothing else")
        @Default("false")
        boolean passwordInClear,
    @Doc("Certificate of the user, PEM or DER, instead of name and password")
        Optional<Path> userCertificate,
    @Doc("Private key of that certificate, PKCS #8 as PEM") Optional<Path> userKey,
    @Doc("Folder of the own certificate (own/, made at first use) and of trusted/ and rejected/")
        @Default("opcua-pki")
        Path pki,
    @Doc("Whether the server's certificate must be made out for the host of endpoint")
        @Default("true")
        boolean checkHostName,
    @Doc("How long one answer may take; that of the pipeline if left out")
        Optional<Duration> timeout,
    @Doc("Time between two messages of a subscription") @Default("1s") Duration publishingInterval,
    @Doc("Time between two samples at the server; the publishing interval if left out")
        Optional<Duration> samplingInterval,
    @Doc("Samples the server keeps of a tag between two messages")
        @Default("10")
        @Range(min = 1, max = 100_000)
        int queueSize,
    @Doc("Whether a full queue drops its oldest sample, else its newest") @Default("true")
        boolean discardOldest,
    @Doc("Longest silence of a subscription; after it the connection counts as lost")
        @Default("10s")
        Duration keepAlive,
    @Doc("Tags of one subscription") @Default("1000") @Range(min = 1, max = 100_000)
        int tagsPerSubscription,
    @Doc("Whether what the server recorded during a gap is read before going live")
        @Default("false")
        boolean backfill,
    @Doc("How far back a gap is filled at most") @Default("1d") Duration backfillAtMost,
    @Doc("Tags and their nodes") List<Item> tags) {

  /** Checks each component and how they fit together. */
  OpcUaConfig {
    tags = List.copyOf(tags);
    String host = endpoint.startsWith("opc.tcp://") ? EndpointUtil.getHost(endpoint) : null;
    check(
        host != null && !host.isEmpty(),
        "endpoint",
        "an address such as opc.tcp://10.0.0.7:4840",
        endpoint);
    check(
        policy.isEmpty() || policy.get() != Policy.NONE || mode.isEmpty(),
        "mode",
        "none with policy none",
        mode.map(Mode::toString).orElse(""));
    check(
        user.isPresent() == password.isPresent(),
        user.isPresent() ? "password" : "user",
        "user and password, or neither",
        "one of them");
    check(
        userCertificate.isPresent() == userKey.isPresent(),
        userCertificate.isPresent() ? "userKey" : "userCertificate",
        "userCertificate and userKey, or neither",
        "one of them");
    check(
        user.isEmpty() || userCertificate.isEmpty(),
        "userCertificate",
        "either a user name or a certificate",
        "both");
    if (timeout.isPresent()) {
      between("timeout", timeout.get(), Duration.ofMillis(1), Duration.ofMinutes(5));
    }
    between("publishingInterval", publishingInterval, Duration.ofMillis(1), Duration.ofMinutes(10));
    if (samplingInterval.isPresent()) {
      between("samplingInterval", samplingInterval.get(), Duration.ZERO, Duration.ofDays(1));
    }
    between("keepAlive", keepAlive, Duration.ofMillis(100), Duration.ofHours(1));
    between("backfillAtMost", backfillAtMost, Duration.ofSeconds(1), Duration.ofDays(36_500));
    check(
        queueSize >= 1 && queueSize <= 100_000,
        "queueSize",
        "a number from 1 to 100000",
        queueSize);
    check(
        tagsPerSubscription >= 1 && tagsPerSubscription <= 100_000,
        "tagsPerSubscription",
        "a number from 1 to 100000",
        tagsPerSubscription);
    check(!tags.isEmpty(), "tags", "at least one tag", "none");
    Set<String> names = new HashSet<>();
    for (Item item : tags) {
      for (String name : item.tags()) {
        check(names.add(name), "tags", "each tag once", name + " twice");
      }
    }
  }

  private static void between(String field, Duration got, Duration least, Duration most) {
    check(
        got.compareTo(least) >= 0 && got.compareTo(most) <= 0,
        field,
        "a time from " + least + " to " + most,
        got);
  }

  Duration samplingInterval(Item item) {
    return item.samplingInterval().orElse(samplingInterval.orElse(publishingInterval));
  }
}
