package kr.madang.host;

/** Keeps a plugin from being stopped while it is used. Closing twice does nothing. */
public interface Lease extends AutoCloseable {
  @Override
  void close();
}
