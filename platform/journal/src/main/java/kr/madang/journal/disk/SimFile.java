package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;

/** A handle of a simulated file. */
final class SimFile implements DiskFile {
  private final SimDisk disk;
  private final SimNode node;
  private final String name;
  private final boolean write;
  private volatile boolean closed;

  SimFile(SimDisk disk, SimNode node, String name, boolean write) {
    this.disk = disk;
    this.node = node;
    this.name = name;
    this.write = write;
  }

  @Override
  public long size() throws IOException {
    open(false);
    return disk.size(node);
  }

  @Override
  public void write(List<ByteBuffer> from, long position) throws IOException {
    open(true);
    disk.write(node, name, from, position);
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    open(false);
    return disk.read(node, name, into, position);
  }

  @Override
  public void force() throws IOException {
    open(true);
    disk.force(node, name);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void open(boolean forWriting) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (forWriting && !write) {
      throw new IOException(name + " was opened for reading only");
    }
  }
}
