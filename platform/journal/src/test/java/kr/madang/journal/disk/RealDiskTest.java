package kr.madang.journal.disk;

final class RealDiskTest extends DiskContract {
  @Override
  Disk disk() {
    return new RealDisk();
  }
}
