package kr.madang.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;

/** Finds the last records of a stream. */
final class Latest {
  private final Log log;
  private final JournalStream stream;
  private final BufferAllocator allocator;

  Latest(Log log, JournalStream stream, BufferAllocator allocator) {
    this.log = log;
    this.stream = stream;
    this.allocator = allocator;
  }

  /** The record so far back; a gap if it is damaged. */
  Optional<Logged> find(int back) {
    int left = back;
    for (JournalStream.Span span : backwards()) {
      long records;
      long last;
      long before;
      int id = span.lane().id;
      log.lock.lock();
      try {
        records = span.lane().records;
        last = span.lane().lastAt;
        before = span.lane().beforeLastAt;
      } finally {
        log.lock.unlock();
      }
      if (left >= records) {
        left -= (int) records;
        continue;
      }
      try {
        long at =
            left == 0 ? last : left == 1 ? before : nth(span.segment(), id, records - 1 - left);
        return Optional.of(read(span.segment(), at));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      } catch (IOException e) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, span.segment().path + " cannot be read: " + e, e);
      }
    }
    return Optional.empty();
  }

  private List<JournalStream.Span> backwards() {
    log.lock.lock();
    try {
      return new ArrayList<>(stream.spans).reversed();
    } finally {
      log.lock.unlock();
    }
  }

  /** The offset of the record of a stream with a number counted from 0. */
  private long nth(Segment segment, int id, long number) throws IOException {
    RecordHeader header = new RecordHeader(log.id.seed());
    try (RecordReader records = new RecordReader(log, allocator)) {
      records.over(segment);
      long end = segment.end;
      long left = number;
      for (long at = Layout.FIRST; ; at += header.size()) {
        at = Resync.find(records.window(), header, at, end, 0);
        if (at < 0) {
          return -1;
        }
        if (Layout.counted(header.type) && header.stream == id && left-- == 0) {
          return at;
        }
      }
    }
  }

  private Logged read(Segment segment, long at) throws IOException {
    RecordHeader header = new RecordHeader(log.id.seed());
    Following all = new Following(stream.name, 0);
    try (RecordReader records = new RecordReader(log, allocator)) {
      var file = records.over(segment);
      int in = at < 0 ? -1 : records.window().at(at, Layout.HEADER, segment.end);
      if (in < 0 || !header.read(records.window().buffer, in)) {
        log.damages.found(
            segment.name(), file, at, Layout.HEADER, "the header of a record is damaged");
        long next = stream.forced();
        return new Logged.Gap(stream.name, stream.epoch(), next, next, Gone.DAMAGED);
      }
      long to = header.sequence + header.rows;
      if (header.type == Layout.GAP) {
        byte[] payload = records.payload(header, at, segment.end);
        Gone gone = payload == null ? null : OwnRecords.gap(header, Bytes.of(payload));
        return new Logged.Gap(
            stream.name,
            header.epoch,
            header.sequence,
            gone == null ? to : gone.to(),
            gone == null ? Gone.DAMAGED : gone.cause());
      }
      try {
        return records.logged(segment, header, at, segment.end, all);
      } catch (RecordReader.Damaged e) {
        log.damages.found(segment.name(), file, at, header.size(), String.valueOf(e.getMessage()));
        return new Logged.Gap(stream.name, header.epoch, header.sequence, to, Gone.DAMAGED);
      }
    } finally {
      all.close();
    }
  }
}
