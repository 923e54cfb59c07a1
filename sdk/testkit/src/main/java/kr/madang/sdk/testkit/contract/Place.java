package kr.madang.sdk.testkit.contract;

import java.nio.file.Path;

/**
 * Where a stage under test finds its far side.
 *
 * @param port on 127.0.0.1; leads through a proxy that makes the faults, 0 without network
 * @param folder of the running test, the same that the device was given
 */
public record Place(int port, Path folder) {}
