package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamOptions;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Durable ingest of records of 1 KiB by several threads, each with a window of records on the way;
 * against a bare log that commits by the same rule, turn about on the same disk.
 */
final class JournalBar implements Bar {
  private static final int PRODUCERS = 4;
  private static final int WINDOW = 256;
  private static final int ROWS = 128;
  private static final byte[] NONE = {};

  @Override
  public String name() {
    return "journal";
  }

  /** One record on the way. */
  private interface Log {
    long append(int producer);

    void await(long order) throws Exception;
  }

  /** What a run gave: records a second, and the slowest hundredth of accepts in ms. */
  private record Run(double rate, double p99, double cpuMicros) {}

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    int rounds = quick ? 3 : 7;
    long nanos = quick ? 700_000_000L : 3_000_000_000L;
    List<Run> batches = new ArrayList<>();
    List<Run> notes = new ArrayList<>();
    List<Run> bare = new ArrayList<>();
    Path base = Path.of(System.getProperty("madang.bench.folder", "target"));
    Files.createDirectories(base);
    for (int round = -1; round < rounds; round++) {
      Run[] runs = {journal(base, nanos, true), bare(base, nanos), journal(base, nanos, false)};
      if (round >= 0) {
        batches.add(runs[0]);
        bare.add(runs[1]);
        notes.add(runs[2]);
      }
    }
    double raw = rate(bare);
    double p99 = batches.stream().mapToDouble(Run::p99).sorted().toArray()[rounds / 2];
    double rawP99 = bare.stream().mapToDouble(Run::p99).sorted().toArray()[rounds / 2];
    return List.of(
        figure("journal batches", batches, raw),
        figure("journal notes", notes, raw),
        new Figure("journal accept p99", p99, "ms", rawP99, "<= 50", Double.NaN, p99 <= 50));
  }

  private static Figure figure(String name, List<Run> runs, double raw) {
    double rate = rate(runs);
    double cpu = runs.stream().mapToDouble(Run::cpuMicros).average().orElse(Double.NaN);
    return new Figure(
        name, rate, "records of 1 KiB/s", raw, "ratio >= 0.8", cpu, rate / raw >= 0.8);
  }

  /** The middle one: disks have bad moments. */
  private static double rate(List<Run> runs) {
    return runs.stream().mapToDouble(Run::rate).sorted().toArray()[runs.size() / 2];
  }

  private static Run journal(Path base, long nanos, boolean rows) throws Exception {
    Path folder = Files.createTempDirectory(base, "journal");
    try (BufferAllocator allocator = new RootAllocator();
        Batch batch = batch(allocator);
        Journal journal =
            Journal.open(
                folder,
                JournalOptions.of(
                    new RealDisk(), InstantSource.system(), task -> new Thread(task, "journal")))) {
      byte[] payload = new byte[ROWS * 8];
      JournalStream[] streams = new JournalStream[PRODUCERS];
      for (int i = 0; i < PRODUCERS; i++) {
        streams[i] = journal.stream("stream" + i, StreamOptions.DEFAULT);
      }
      Duration limit = Duration.ofSeconds(30);
      return run(
          nanos,
          new Log() {
            @Override
            public long append(int producer) {
              JournalStream stream = streams[producer];
              Entry entry = rows ? Entry.rows(stream, batch, NONE) : Entry.note(stream, payload);
              stream.release(stream.forced());
              return journal.append(List.of(entry), limit).order();
            }

            @Override
            public void await(long order) throws InterruptedException {
              if (!journal.awaitForced(order, limit)) {
                throw new IllegalStateException("not forced: " + journal.status());
              }
            }
          });
    } finally {
      delete(folder);
    }
  }

  private static Run bare(Path base, long nanos) throws Exception {
    Path folder = Files.createTempDirectory(base, "bare");
    try (BareLog log = new BareLog(folder)) {
      byte[] payload = new byte[ROWS * 8];
      return run(
          nanos,
          new Log() {
            @Override
            public long append(int producer) {
              return log.append(payload);
            }

            @Override
            public void await(long order) {
              log.awaitForced(order);
            }
          });
    } finally {
      delete(folder);
    }
  }

  private static Batch batch(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            List.of(
                Field.notNullable(
                    "value", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE))));
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
    Float8Vector values = (Float8Vector) root.getVector(0);
    values.allocateNew(ROWS);
    for (int i = 0; i < ROWS; i++) {
      values.set(i, i * 0.1);
    }
    root.setRowCount(ROWS);
    return Batch.of(root);
  }

  private static Run run(long nanos, Log log) throws Exception {
    Thread[] threads = new Thread[PRODUCERS];
    long[][] latencies = new long[PRODUCERS][];
    Throwable[] failed = new Throwable[1];
    long cpu = Cpu.process();
    long start = System.nanoTime();
    long end = start + nanos;
    for (int i = 0; i < PRODUCERS; i++) {
      int producer = i;
      threads[i] =
          new Thread(() -> {
            try {
              latencies[producer] = produce(log, producer, end);
            } catch (Throwable e) {
              failed[0] = e;
            }
          });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (failed[0] != null) {
      throw new IllegalStateException(failed[0]);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long used = Cpu.process() - cpu;
    long[] all = Stream.of(latencies).flatMapToLong(Arrays::stream).sorted().toArray();
    return new Run(all.length / seconds, all[all.length * 99 / 100] / 1e6, used / 1e3 / all.length);
  }

  /** Appends until the time is over; how long each record took to be safe. */
  private static long[] produce(Log log, int producer, long end) throws Exception {
    long[] orders = new long[WINDOW];
    long[] since = new long[WINDOW];
    long[] latencies = new long[1 << 16];
    int done = 0;
    int next = 0;
    boolean running = true;
    while (running || done < next) {
      running = running && System.nanoTime() < end;
      if (next - done == WINDOW || !running) {
        if (done == latencies.length) {
          latencies = Arrays.copyOf(latencies, done * 2);
        }
        log.await(orders[done % WINDOW]);
        latencies[done] = System.nanoTime() - since[done % WINDOW];
        done++;
      }
      if (running) {
        since[next % WINDOW] = System.nanoTime();
        orders[next % WINDOW] = log.append(producer);
        next++;
      }
    }
    return Arrays.copyOf(latencies, done);
  }

  private static void delete(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
