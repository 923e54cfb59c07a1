package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
  @Test
  void keysOfAllCommonFormsAreRead() {
    assertThat(Certificates.key(Keys.key("client"), Optional.empty()).getAlgorithm())
        .isEqualTo("EC");
    assertThat(Certificates.key(Keys.key("client-encrypted"), Optional.of(new Secret("secret"))))
        .isEqualTo(Certificates.key(Keys.key("client"), Optional.empty()));
    assertThat(Certificates.key(Keys.key("rsa-pkcs1"), Optional.empty()).getAlgorithm())
        .isEqualTo("RSA");
  }

  @Test
  void whatIsWrongWithAFileIsSaidAndNoSecretWithIt(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> Certificates.key(Keys.key("client-encrypted"), Optional.empty()))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("broker.tls.keyPassword: expected");
    assertThatThrownBy(() ->
            Certificates.key(Keys.key("client-encrypted"), Optional.of(new Secret("guessed"))))
        .hasMessageStartingWith("broker.tls.key: expected")
        .hasMessageNotContaining("guessed");
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    assertThatThrownBy(() ->
            Certificates.of(
                new Tls(
                    Optional.of(empty), Optional.empty(), Optional.empty(), Optional.empty(), true),
                Duration.ofSeconds(1)))
        .hasMessageStartingWith("broker.tls.ca: expected in " + empty);
    assertThatThrownBy(() ->
            new Tls(Optional.empty(), Optional.of(empty), Optional.empty(), Optional.empty(), true))
        .hasMessage("key: expected a file, since certificate is given, got nothing");
  }
}
