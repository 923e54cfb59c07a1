package kr.madang.plugins.files;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.nio.ByteBuffer;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.compression.AbstractCompressionCodec;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;

/**
 * LZ4 by Arrow's own codec; Zstandard in plain Java, since Arrow's codec unpacks a native library
 * into the temp folder and leaves it there when the process is killed.
 */
final class ArrowCodecs implements CompressionCodec.Factory {
  static final ArrowCodecs INSTANCE = new ArrowCodecs();

  private ArrowCodecs() {}

  @Override
  public CompressionCodec createCodec(CodecType type) {
    return switch (type) {
      case ZSTD -> new Zstd();
      case LZ4_FRAME -> CommonsCompressionFactory.INSTANCE.createCodec(type);
      case NO_COMPRESSION -> NoCompressionCodec.INSTANCE;
    };
  }

  @Override
  public CompressionCodec createCodec(CodecType type, int level) {
    return createCodec(type);
  }

  private static final class Zstd extends AbstractCompressionCodec {
    private final ZstdCompressor compressor = new ZstdCompressor();
    private final ZstdDecompressor decompressor = new ZstdDecompressor();

    @Override
    protected ArrowBuf doCompress(BufferAllocator allocator, ArrowBuf plain) {
      int length = Math.toIntExact(plain.writerIndex());
      int most = compressor.maxCompressedLength(length);
      ArrowBuf compressed =
          allocator.buffer(CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH + (long) most);
      try {
        ByteBuffer out = compressed.nioBuffer(CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH, most);
        compressor.compress(plain.nioBuffer(0, length), out);
        compressed.writerIndex(CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH + out.position());
        return compressed;
      } catch (RuntimeException e) {
        compressed.close();
        throw e;
      }
    }

    @Override
    protected ArrowBuf doDecompress(BufferAllocator allocator, ArrowBuf compressed) {
      long length = readUncompressedLength(compressed);
      int size = Math.toIntExact(length);
      ArrowBuf plain = allocator.buffer(length);
      try {
        ByteBuffer in =
            compressed.nioBuffer(
                CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH,
                Math.toIntExact(
                    compressed.writerIndex() - CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH));
        ByteBuffer out = plain.nioBuffer(0, size);
        decompressor.decompress(in, out);
        if (out.position() != size) {
          throw new IllegalArgumentException(
              "expected " + size + " bytes in a Zstandard buffer, got " + out.position());
        }
        plain.writerIndex(size);
        return plain;
      } catch (RuntimeException e) {
        plain.close();
        throw e;
      }
    }

    @Override
    public CodecType getCodecType() {
      return CodecType.ZSTD;
    }
  }
}
