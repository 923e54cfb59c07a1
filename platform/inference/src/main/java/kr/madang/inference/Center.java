package kr.madang.inference;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Secret;

/**
 * Where a model is run instead of here: a runtime that speaks the Open Inference Protocol.
 *
 * @param url of its doors, without {@code /v2}
 * @param token that its doors want
 * @param timeout of one batch
 * @param local whether the copy here answers while the center does not
 * @param insecure whether a token may cross a network in clear text
 */
public record Center(
    @Doc("The center's doors, such as https://center.example") URI url,
    @Doc("Token for its doors") Optional<Secret> token,
    @Doc("How long one batch may take") @Default("5s") Duration timeout,
    @Doc("Whether the copy of the model here answers while the center does not") @Default("true")
        boolean local,
    @Doc("Lets the token cross a network in clear text") @Default("false") boolean insecure) {}
