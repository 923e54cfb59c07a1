package kr.madang.host;

import java.nio.file.Path;

/**
 * A model that came without a plugin.
 *
 * @param name of its folder, up to the {@code @}
 * @param version of its folder
 * @param digest SHA-256 over its files and their names; empty where the label cannot be read
 * @param folder of {@code model.yaml}; absolute; read only
 * @param report what was found about it when it came; JSON
 * @param damage what is wrong with its files, as far as somebody has looked; else empty
 */
public record StoredModel(
    String name, String version, String digest, Path folder, String report, String damage) {}
