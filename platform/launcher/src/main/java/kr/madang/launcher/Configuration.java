package kr.madang.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** How the runtime is set up; the content of {@code madang.yaml}. */
record Configuration(
    @Doc("The address that the doors are bound to.") @Default("127.0.0.1") String host,
    @Doc("The port of the doors; 0 picks a free one.") @Default("8080") @Range(min = 0, max = 65535)
        int port,
    @Doc("The port of the gRPC door; 0 picks a free one, without it there is none.")
        @Range(min = 0, max = 65535)
        Optional<Integer> grpcPort,
    @Doc("Lets plain HTTP leave this machine: tokens can then be read on the way.")
        @Default("false")
        boolean insecure,
    @Doc("What the log shows.") @Default("info") Logging.Threshold level,
    @Doc("How lines of the log look.") @Default("plain") Logging.Lines log,
    @Doc("How long pipelines may take to deliver what is under way when the runtime is stopped.")
        @Default("30s")
        Duration drain,
    @Doc("Arrow memory of all pipelines together; half of this machine's if left out.") @Unit("By")
        Optional<Long> memory,
    @Doc(
            "Memory of the models that callers from outside use; a quarter of this machine's if left out.")
        @Unit("By")
        Optional<Long> modelMemory,
    @Doc("After which time without a call such a model leaves memory; 0s for never.") @Default("1h")
        Duration modelIdle,
    @Doc("Folders beside HOME/data that documents may name files in.") @Default("[]")
        List<Path> roots,
    @Doc("Where rows are kept until they are delivered.") @Default("{}") JournalSettings journal,
    @Doc("What models run on.") @Default("{}") AcceleratorSettings accelerators,
    @Doc("Where spans of OpenTelemetry go.") @Default("{}") TelemetrySettings telemetry) {}
