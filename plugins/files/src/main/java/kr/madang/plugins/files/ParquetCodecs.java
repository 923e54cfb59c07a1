package kr.madang.plugins.files;

import io.airlift.compress.Compressor;
import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyCompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * The codecs of Parquet in plain Java: no native library to unpack into the temp folder, and none
 * that would keep the plugin's class loader.
 */
final class ParquetCodecs implements CompressionCodecFactory {

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    return switch (name) {
      case UNCOMPRESSED -> new Plain();
      case SNAPPY -> new Packing(name, new SnappyCompressor());
      case ZSTD -> new Packing(name, new ZstdCompressor());
      case LZ4_RAW -> new Packing(name, new Lz4Compressor());
      default -> throw new IllegalArgumentException("compression " + name + " is not written");
    };
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    return switch (name) {
      case UNCOMPRESSED -> new Unpacking((in, size) -> in);
      case SNAPPY -> new Unpacking(airlift(new SnappyDecompressor()));
      case ZSTD -> new Unpacking(airlift(new ZstdDecompressor()));
      case LZ4_RAW -> new Unpacking(airlift(new Lz4Decompressor()));
      case GZIP -> new Unpacking(ParquetCodecs::gunzip);
      default ->
          throw new IllegalArgumentException(
              "compression "
                  + name
                  + " is not read; expected UNCOMPRESSED, SNAPPY, GZIP, ZSTD or LZ4_RAW");
    };
  }

  @Override
  public void release() {}

  private interface Unpack {
    byte[] unpack(byte[] in, int size) throws IOException;
  }

  private static Unpack airlift(Decompressor decompressor) {
    return (in, size) -> {
      byte[] out = new byte[size];
      int got = decompressor.decompress(in, 0, in.length, out, 0, size);
      if (got != size) {
        throw new IOException("expected a page of " + size + " bytes, got " + got);
      }
      return out;
    };
  }

  private static byte[] gunzip(byte[] in, int size) throws IOException {
    try (GZIPInputStream stream = new GZIPInputStream(new ByteArrayInputStream(in))) {
      byte[] out = stream.readNBytes(size);
      if (out.length != size) {
        throw new IOException("expected a page of " + size + " bytes, got " + out.length);
      }
      return out;
    }
  }

  private static byte[] bytes(BytesInput in) throws IOException {
    try (InputStream stream = in.toInputStream()) {
      return stream.readAllBytes();
    }
  }

  private record Unpacking(Unpack how) implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput in, int size) throws IOException {
      return BytesInput.from(how.unpack(bytes(in), size));
    }

    @Override
    public void decompress(ByteBuffer in, int inSize, ByteBuffer out, int outSize)
        throws IOException {
      byte[] bytes = new byte[inSize];
      in.get(bytes);
      out.put(how.unpack(bytes, outSize));
    }

    @Override
    public void release() {}
  }

  private static final class Plain implements BytesInputCompressor {
    @Override
    public BytesInput compress(BytesInput in) {
      return in;
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.UNCOMPRESSED;
    }

    @Override
    public void release() {}
  }

  private record Packing(CompressionCodecName name, Compressor compressor)
      implements BytesInputCompressor {
    @Override
    public BytesInput compress(BytesInput in) throws IOException {
      byte[] plain = bytes(in);
      byte[] packed = new byte[compressor.maxCompressedLength(plain.length)];
      int length = compressor.compress(plain, 0, plain.length, packed, 0, packed.length);
      return BytesInput.from(Arrays.copyOf(packed, length));
    }

    @Override
    public CompressionCodecName getCodecName() {
      return name;
    }

    @Override
    public void release() {}
  }
}
