package kr.madang.host;

import java.nio.file.Path;

/**
 * A model that needs no Java: a folder {@code models/NAME} of a plugin.
 *
 * @param name of the folder
 * @param folder absolute; read only
 */
public record PluginModel(String name, Path folder) {}
