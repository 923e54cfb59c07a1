package kr.madang.journal;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Compresses payloads (Zstandard in plain Java) and makes them secret (AES-GCM). Each opening of
 * the journal has a key of its own, made of the given one, and counts its records; so no number is
 * used twice with a key, whatever was cut off the log. Any thread.
 */
final class Seal {
  private static final int HEAD = 8;
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final int MOST = 1 << 30;

  /** A payload and the flags that say what was done to it. */
  record Sealed(byte[] payload, byte flags) {}

  private final boolean compress;
  private final @Nullable SecretKeySpec key;
  private final AtomicLong count = new AtomicLong();

  /**
   * For what one opening of the journal wrote.
   *
   * @param key of 16 or 32 bytes
   */
  Seal(boolean compress, Optional<byte[]> key, UUID life) {
    this.compress = compress;
    this.key =
        key.map(
                bytes -> {
                  byte[] own = mac(bytes, new Bytes().text("madang journal " + life).take());
                  return new SecretKeySpec(Arrays.copyOf(own, bytes.length), "AES");
                })
            .orElse(null);
  }

  /** Whether payloads are not written as they are. */
  boolean active() {
    return compress || key != null;
  }

  /** Tells one key from another without telling the key; 0 without one. */
  long check() {
    SecretKeySpec own = key;
    return own == null
        ? 0
        : ByteBuffer.wrap(mac(own.getEncoded(), new Bytes().text("check").take())).getLong() | 1;
  }

  Sealed seal(byte[] raw, byte type, int rows, int meta, int schema) {
    byte[] stored = raw;
    byte flags = 0;
    if (compress) {
      ZstdCompressor zstd = new ZstdCompressor();
      byte[] packed = new byte[zstd.maxCompressedLength(raw.length)];
      int length = zstd.compress(raw, 0, raw.length, packed, 0, packed.length);
      if (length < raw.length) {
        stored = Arrays.copyOf(packed, length);
        flags |= Layout.PACKED;
      }
    }
    SecretKeySpec own = key;
    if (own != null) {
      flags |= Layout.SECRET;
      byte[] nonce = Arrays.copyOf(new Bytes().int64(count.getAndIncrement()).take(), NONCE);
      try {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, own, nonce);
        cipher.updateAAD(aad(type, flags, rows, meta, schema, raw.length));
        byte[] secret = cipher.doFinal(stored);
        stored = Arrays.copyOf(nonce, NONCE + secret.length);
        System.arraycopy(secret, 0, stored, NONCE, secret.length);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("a record cannot be encrypted", e);
      }
    }
    if (flags == 0) {
      return new Sealed(raw, flags);
    }
    byte[] payload = new Bytes().int32(raw.length).bytes(stored).take();
    return new Sealed(payload, flags);
  }

  /**
   * What was sealed.
   *
   * @throws IOException if that is not to be had, with the reason
   */
  byte[] open(byte[] payload, RecordHeader header) throws IOException {
    ByteBuffer from = Bytes.of(payload);
    if (payload.length < HEAD) {
      throw new IOException("expected a sealed payload");
    }
    int raw = from.getInt();
    int length = from.getInt();
    if (raw < 0 || raw > MOST || length < 0 || length > from.remaining()) {
      throw new IOException("a sealed payload has an impossible length");
    }
    byte[] stored = Arrays.copyOfRange(payload, HEAD, HEAD + length);
    if ((header.flags & Layout.SECRET) != 0) {
      stored = decrypt(stored, header, raw);
    }
    if ((header.flags & Layout.PACKED) != 0) {
      return unpack(stored, raw);
    }
    if (stored.length != raw) {
      throw new IOException("expected " + raw + " bytes, got " + stored.length);
    }
    return stored;
  }

  private byte[] decrypt(byte[] stored, RecordHeader header, int raw) throws IOException {
    SecretKeySpec own = key;
    if (own == null) {
      throw new IOException("it is encrypted, and there is no key");
    }
    if (stored.length < NONCE + TAG_BITS / 8) {
      throw new IOException("expected an encrypted payload");
    }
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, own, Arrays.copyOf(stored, NONCE));
      byte flags = (byte) (header.flags & ~Layout.MORE);
      cipher.updateAAD(aad(header.type, flags, header.rows, header.meta, header.schema, raw));
      return cipher.doFinal(stored, NONCE, stored.length - NONCE);
    } catch (GeneralSecurityException e) {
      throw new IOException("it cannot be decrypted: " + e.getMessage(), e);
    }
  }

  private static byte[] unpack(byte[] packed, int raw) throws IOException {
    try {
      if (ZstdDecompressor.getDecompressedSize(packed, 0, packed.length) != raw) {
        throw new IOException("a compressed payload has another length than it says");
      }
      byte[] unpacked = new byte[raw];
      int got = new ZstdDecompressor().decompress(packed, 0, packed.length, unpacked, 0, raw);
      if (got != raw) {
        throw new IOException("expected " + raw + " bytes, got " + got);
      }
      return unpacked;
    } catch (RuntimeException e) {
      throw new IOException("it cannot be decompressed: " + e, e);
    }
  }

  private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }

  private static byte[] aad(byte type, byte flags, int rows, int meta, int schema, int raw) {
    return new Bytes()
        .int8(type)
        .int8(flags)
        .int32(rows)
        .int32(meta)
        .int32(schema)
        .int32(raw)
        .take();
  }

  private static byte[] mac(byte[] key, byte[] what) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(what);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("the JDK has no HmacSHA256", e);
    }
  }
}
