package kr.madang.sdk.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Writes samples into columns; a row costs no object. One thread at a time.
 *
 * <p>A row is begun by one of the {@code put} methods or {@link #bad}. Tags may be given by name
 * or, faster, by the number that {@link #tag} gave once.
 */
public final class SampleWriter implements AutoCloseable {
  /** Stands for a source time that is not known. */
  public static final long NO_TIME = Long.MIN_VALUE;

  private static final int FIRST_CAPACITY = 64;

  private final BufferAllocator allocator;
  private final Map<String, Integer> numbers = new HashMap<>();
  private String[] names = new String[0];
  private @Nullable TagNames published;
  private long receiveTime;

  private @Nullable VectorSchemaRoot root;
  private IntVector tag;
  private Float8Vector value;
  private BigIntVector longs;
  private VarCharVector text;
  private VarBinaryVector bytes;
  private UInt4Vector status;
  private TimeStampNanoTZVector sourceTime;
  private TimeStampNanoTZVector receiveTimes;
  private long tagAt;
  private long valueAt;
  private long valueSet;
  private long statusAt;
  private long sourceTimeAt;
  private long sourceTimeSet;
  private long receiveTimeAt;
  private int rows;
  private int capacity = FIRST_CAPACITY;

  /**
   * A writer with no rows.
   *
   * @param allocator where the batches live; the writer does not close it
   */
  @SuppressWarnings("NullAway.Init") // the columns are set with the root
  public SampleWriter(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** The number of a tag, which stays the same as long as the writer lives. */
  public int tag(String name) {
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    int number = names.length;
    numbers.put(name, number);
    names = Arrays.copyOf(names, number + 1);
    names[number] = name;
    if (published != null) {
      published.release();
      published = null;
    }
    return number;
  }

  /** Whether a tag has a number. */
  public boolean knows(String name) {
    return numbers.containsKey(name);
  }

  /** Sets the arrival time of the rows that follow; ns since 1970 UTC. The host does this. */
  public void receivedAt(long nanos) {
    receiveTime = nanos;
  }

  /** A good number without a source time. */
  public void put(String tag, double value) {
    put(tag(tag), value, Quality.GOOD, NO_TIME);
  }

  /** A number. */
  public void put(String tag, double value, int status, long sourceTime) {
    put(tag(tag), value, status, sourceTime);
  }

  /** A number, for a tag known by number; {@code sourceTime} may be {@link #NO_TIME}. */
  public void put(int tag, double value, int status, long sourceTime) {
    int row = begin(tag, status, sourceTime);
    mark(valueSet, row);
    MemoryUtil.putLong(valueAt + ((long) row << 3), Double.doubleToRawLongBits(value));
  }

  /** An integer of which a double would lose digits. */
  public void putLong(int tag, long value, int status, long sourceTime) {
    int row = begin(tag, status, sourceTime);
    longs.set(row, value);
  }

  /** A text. */
  public void putText(int tag, String value, int status, long sourceTime) {
    int row = begin(tag, status, sourceTime);
    text.setSafe(row, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes, an image for example. */
  public void putBytes(int tag, byte[] value, int status, long sourceTime) {
    int row = begin(tag, status, sourceTime);
    bytes.setSafe(row, value);
  }

  /** A value that is missing, with the reason. */
  public void bad(String tag, int status) {
    bad(tag(tag), status, NO_TIME);
  }

  /** A value that is missing, with the reason and the time for which it is missing. */
  public void bad(int tag, int status, long sourceTime) {
    begin(tag, status, sourceTime);
  }

  /** The names of all tags seen so far, in the order of their numbers. */
  public List<String> tags() {
    return List.of(names);
  }

  /** The number of rows since the last batch was taken. */
  public int rows() {
    return rows;
  }

  /** Takes the rows out as a batch that the caller owns; the writer goes on empty. */
  public Batch take() {
    VectorSchemaRoot taken = open();
    TagNames tags = published;
    if (tags == null) {
      tags = new TagNames(allocator, names);
      published = tags;
    }
    // The columns that are never null are marked so at once; those that nobody wrote stay zeroed.
    for (FieldVector column : List.of(tag, status, receiveTimes)) {
      MemoryUtil.setMemory(
          column.getValidityBuffer().memoryAddress(),
          BitVectorHelper.getValidityBufferSizeFromCount(rows),
          (byte) 0xFF);
    }
    if (text.getLastSet() < 0) {
      text.setLastSet(rows - 1);
    }
    if (bytes.getLastSet() < 0) {
      bytes.setLastSet(rows - 1);
    }
    taken.setRowCount(rows);
    root = null;
    if (rows < capacity / 8) {
      // one long batch does not make all short ones after it as big
      capacity = Math.max(FIRST_CAPACITY, capacity / 2);
    }
    rows = 0;
    return Batch.of(taken, tags.retain());
  }

  /** Throws the rows away that were written since the last batch was taken. */
  public void clear() {
    if (root != null) {
      root.close();
      root = null;
    }
    rows = 0;
  }

  @Override
  public void close() {
    clear();
    if (published != null) {
      published.release();
      published = null;
    }
  }

  private int begin(int tag, int status, long sourceTime) {
    if (rows == capacity || root == null) {
      makeRoom();
    }
    int row = rows++;
    // Plain stores: the capacity was checked, and the bounds need not be checked for each column.
    MemoryUtil.putInt(tagAt + ((long) row << 2), tag);
    MemoryUtil.putInt(statusAt + ((long) row << 2), status);
    MemoryUtil.putLong(receiveTimeAt + ((long) row << 3), receiveTime);
    if (sourceTime != NO_TIME) {
      mark(sourceTimeSet, row);
      MemoryUtil.putLong(sourceTimeAt + ((long) row << 3), sourceTime);
    }
    return row;
  }

  private static void mark(long validity, int row) {
    long at = validity + (row >>> 3);
    MemoryUtil.putByte(at, (byte) (MemoryUtil.getByte(at) | 1 << (row & 7)));
  }

  private void makeRoom() {
    open();
    if (rows == capacity) {
      grow();
    }
  }

  private VectorSchemaRoot open() {
    VectorSchemaRoot current = root;
    if (current == null) {
      current = VectorSchemaRoot.create(Samples.SCHEMA, allocator);
      try {
        for (FieldVector vector : current.getFieldVectors()) {
          vector.setInitialCapacity(capacity);
          vector.allocateNew();
        }
      } catch (RuntimeException e) {
        current.close();
        throw e;
      }
      root = current;
      bind(current);
    }
    return current;
  }

  private void bind(VectorSchemaRoot current) {
    tag = (IntVector) current.getVector(0);
    value = (Float8Vector) current.getVector(1);
    longs = (BigIntVector) current.getVector(2);
    text = (VarCharVector) current.getVector(3);
    bytes = (VarBinaryVector) current.getVector(4);
    status = (UInt4Vector) current.getVector(5);
    sourceTime = (TimeStampNanoTZVector) current.getVector(6);
    receiveTimes = (TimeStampNanoTZVector) current.getVector(7);
    addresses(current);
  }

  private void addresses(VectorSchemaRoot current) {
    capacity = smallest(current);
    tagAt = tag.getDataBuffer().memoryAddress();
    valueAt = value.getDataBuffer().memoryAddress();
    valueSet = value.getValidityBuffer().memoryAddress();
    statusAt = status.getDataBuffer().memoryAddress();
    sourceTimeAt = sourceTime.getDataBuffer().memoryAddress();
    sourceTimeSet = sourceTime.getValidityBuffer().memoryAddress();
    receiveTimeAt = receiveTimes.getDataBuffer().memoryAddress();
  }

  private static int smallest(VectorSchemaRoot current) {
    int smallest = Integer.MAX_VALUE;
    for (FieldVector vector : current.getFieldVectors()) {
      smallest = Math.min(smallest, vector.getValueCapacity());
    }
    return smallest;
  }

  private void grow() {
    VectorSchemaRoot current = open();
    while (smallest(current) <= rows) {
      for (FieldVector vector : current.getFieldVectors()) {
        if (vector.getValueCapacity() <= rows) {
          vector.reAlloc();
        }
      }
    }
    addresses(current);
  }
}
