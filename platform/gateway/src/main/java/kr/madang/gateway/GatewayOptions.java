package kr.madang.gateway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import kr.madang.gateway.trace.Telemetry;

/**
 * Where the doors stand and how much may come through them.
 *
 * @param host the address to bind; anything but loopback needs {@code insecure}
 * @param port to bind; 0 picks a free one
 * @param grpcPort to bind for gRPC; empty for no such door
 * @param insecure whether it was said that plain HTTP may leave this machine
 * @param uploads a folder of the home for archives that are on their way in; made if missing
 * @param version of the distribution, shown to clients
 * @param limits on every connection and body
 * @param telemetry where spans go; empty for none
 */
public record GatewayOptions(
    String host,
    int port,
    Optional<Integer> grpcPort,
    boolean insecure,
    Path uploads,
    String version,
    Limits limits,
    Optional<Telemetry> telemetry) {

  /** Without spans. */
  public GatewayOptions(
      String host,
      int port,
      Optional<Integer> grpcPort,
      boolean insecure,
      Path uploads,
      String version,
      Limits limits) {
    this(host, port, grpcPort, insecure, uploads, version, limits, Optional.empty());
  }

  /**
   * Bounds on what a client may ask for.
   *
   * @param connections open at once
   * @param streams taps open at once
   * @param headerBytes of all headers of a request
   * @param documentBytes of a pipeline document
   * @param uploadBytes of a plugin archive
   * @param idle how long a connection may stay without a request under way
   * @param bodyGrace how long a body may take in any case
   * @param bodyBytesPerSecond the least rate of a body that takes longer than that
   * @param inferBytes of a request for inference
   */
  public record Limits(
      int connections,
      int streams,
      int headerBytes,
      int documentBytes,
      long uploadBytes,
      Duration idle,
      Duration bodyGrace,
      int bodyBytesPerSecond,
      int inferBytes) {
    /** 1,000 connections, 32 taps, 16 KiB, 1 MiB, 1 GiB, 60 s, 15 s, 16 KiB/s, 64 MiB. */
    public static final Limits DEFAULT =
        new Limits(
            1_000,
            32,
            16 << 10,
            1 << 20,
            1L << 30,
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            16 << 10,
            64 << 20);
  }
}
