package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Period;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SecurityTest {
  private static Plant plant = none();
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @SuppressWarnings("NullAway")
  private static Plant none() {
    return null;
  }

  @BeforeAll
  static void start() throws Exception {
    plant = secured();
  }

  @AfterAll
  static void stop() throws Exception {
    plant.close();
  }

  private static Plant secured() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    return new Plant(setup).add("flow", NodeIds.Double, 1.0);
  }

  @ParameterizedTest
  @CsvSource({
    "BASIC256SHA256, SIGN",
    "BASIC256SHA256, SIGN_AND_ENCRYPT",
    "AES128_SHA256_RSAOAEP, SIGN",
    "AES128_SHA256_RSAOAEP, SIGN_AND_ENCRYPT",
    "AES256_SHA256_RSAPSS, SIGN",
    "AES256_SHA256_RSAPSS, SIGN_AND_ENCRYPT"
  })
  void valuesComeOverEachPolicyAndMode(Policy policy, Mode mode) throws Exception {
    Configs configs = Configs.at(plant, "flow").trusting(folder);
    configs.policy = Optional.of(policy);
    configs.mode = Optional.of(mode);
    reads(configs, policy, mode);
  }

  @Test
  void theStrongestIsTakenWhereNothingIsSaid() throws Exception {
    Configs configs = Configs.at(plant, "flow").trusting(folder);
    configs.policy = Optional.empty();
    reads(configs, Policy.AES256_SHA256_RSAPSS, Mode.SIGN_AND_ENCRYPT);
  }

  private void reads(Configs configs, Policy policy, Mode mode) throws Exception {
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
      assertThat(Endpoints.describe(running.feed().server().session().wire().endpoint()))
          .isEqualTo(policy + " " + mode);
    }
  }

  @Test
  void aServerWithoutSecurityIsRefusedUnlessAskedFor() throws Exception {
    try (Plant open = new Plant().add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(open, "flow");
      configs.policy = Optional.empty();
      assertThat(failure(configs))
          .hasMessageContaining("expected an endpoint with any policy but none, got none")
          .hasMessageContaining("set policy: none");
    }
  }

  @Test
  void anUnknownCertificateIsKeptForReviewAndTrustedOnceMoved() throws Exception {
    Configs configs = Configs.at(plant, "flow");
    configs.pki = folder;
    configs.policy = Optional.empty();
    assertThat(failure(configs))
        .hasMessageContaining("is not trusted yet")
        .hasMessageContaining(folder.resolve("rejected").toString())
        .hasMessageContaining(folder.resolve("trusted").toString())
        .satisfies(e -> assertThat(e.code().retriable()).isTrue());
    try (Stream<Path> rejected = Files.list(folder.resolve("rejected"))) {
      Path file = rejected.findFirst().orElseThrow();
      Files.move(file, folder.resolve("trusted").resolve(file.getFileName()));
    }
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
    }
  }

  @Test
  void theOwnCertificateIsMadeOnceAndItsKeyIsPrivate() throws Exception {
    Identity first = new Pki(folder).own();
    Identity again = new Pki(folder).own();
    assertThat(again.certificate()).isEqualTo(first.certificate());
    assertThat(first.uri()).startsWith("urn:").endsWith(":madang:opcua");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("own/key.pem"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aCertificateForAnotherHostIsRefusedUnlessTold() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    setup.certificate = certificate("urn:plant:server", "elsewhere.test", Period.ofYears(1));
    try (Plant other = new Plant(setup).add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(other, "flow");
      configs.policy = Optional.empty();
      trust(configs, setup.certificate);
      assertThat(failure(configs))
          .hasMessageContaining("elsewhere.test")
          .hasMessageContaining("not for 127.0.0.1")
          .hasMessageContaining("checkHostName: false");
      configs.checkHostName = false;
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 1.0);
      }
    }
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    setup.certificate = certificate("urn:plant:server", "plant.test", Period.ofDays(-1));
    try (Plant other = new Plant(setup).add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(other, "flow");
      configs.policy = Optional.empty();
      trust(configs, setup.certificate);
      assertThat(failure(configs)).hasMessageContaining("expired at");
    }
  }

  @Test
  void aCertificateOfAnotherApplicationIsRefused() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    setup.certificate = certificate("urn:somebody:else", "plant.test", Period.ofYears(1));
    try (Plant other = new Plant(setup).add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(other, "flow");
      configs.policy = Optional.empty();
      trust(configs, setup.certificate);
      assertThat(failure(configs)).hasMessageContaining("is made out for urn:somebody:else");
    }
  }

  @Test
  void aPasswordSignsInAndAWrongOneDoesNot() throws Exception {
    Configs configs = Configs.at(plant, "flow").operator().trusting(folder);
    configs.policy = Optional.of(Policy.BASIC256SHA256);
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
    }
    configs.password = Optional.of(new Secret("wrong"));
    assertThat(failure(configs))
        .hasMessageMatching("(?s).*Bad_(UserAccessDenied|IdentityTokenRejected).*")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void aPasswordIsEncryptedEvenWithoutASecureChannel() throws Exception {
    Configs configs = Configs.at(plant, "flow").operator();
    configs.pki = folder;
    assertThat(failure(configs))
        .as("its certificate must be trusted, or anybody could read the password")
        .hasMessageContaining("is not trusted yet");
    configs.trusting(folder);
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
    }
  }

  @Test
  void aPasswordNeverGoesInClearUnlessAllowed() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.passwordInClear = true;
    try (Plant open = new Plant(setup).add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(open, "flow").operator();
      assertThat(failure(configs)).hasMessageContaining("unencrypted");
      configs.passwordInClear = true;
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 1.0);
      }
    }
  }

  @Test
  void aUserCertificateSignsIn() throws Exception {
    KeyPair keys = Plant.keys();
    X509Certificate worker =
        new SelfSignedCertificateBuilder(keys)
            .setCommonName("Worker")
            .setApplicationUri("urn:worker")
            .build();
    Path certificate = Files.write(folder.resolve("worker.der"), worker.getEncoded());
    Path key = Files.writeString(folder.resolve("worker.pem"), KeyFiles.pem(keys.getPrivate()));
    Configs configs = Configs.at(plant, "flow").trusting(folder);
    configs.policy = Optional.of(Policy.AES256_SHA256_RSAPSS);
    configs.userCertificate = Optional.of(certificate);
    configs.userKey = Optional.of(key);
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
    }
    Files.writeString(key, "no key");
    assertThat(failure(configs))
        .hasMessageContaining("userKey: expected an unencrypted RSA key")
        .hasMessageContaining("openssl pkcs8");
  }

  @Test
  void aSecuredSessionIsMovedToANewConnection() throws Exception {
    Configs configs = Configs.at(plant, "flow").trusting(folder);
    configs.policy = Optional.empty();
    try (kr.madang.sdk.testkit.proxy.FaultProxy proxy =
        kr.madang.sdk.testkit.proxy.FaultProxy.to(plant.port())) {
      configs.endpoint = "opc.tcp://127.0.0.1:" + proxy.port() + "/plant";
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 1.0);
        proxy.cut();
        plant.set("flow", 2.0);
        running.awaitValue("flow", 2.0);
        assertThat(running.values("flow")).containsExactly(1.0, 2.0);
      } finally {
        plant.set("flow", 1.0);
      }
    }
  }

  private PluginException failure(Configs configs) throws Exception {
    try (Running running = new Running(configs.build(), arrow.get())) {
      return (PluginException) Objects.requireNonNull(running.failure());
    }
  }

  private void trust(Configs configs, X509Certificate certificate) throws Exception {
    configs.pki = folder;
    Files.createDirectories(folder.resolve("trusted"));
    Files.write(folder.resolve("trusted/other.der"), certificate.getEncoded());
  }

  private static X509Certificate certificate(String uri, String host, Period validity)
      throws Exception {
    return new SelfSignedCertificateBuilder(Plant.keyPair())
        .setCommonName("Plant")
        .setOrganization("Test")
        .setApplicationUri(uri)
        .addDnsName(host)
        .setValidityPeriod(validity)
        .addIpAddress(host.equals("plant.test") ? "127.0.0.1" : "10.1.2.3")
        .build();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> new Pki(file.resolve("pki")).own())
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("pki: cannot write the folder");
  }
}
