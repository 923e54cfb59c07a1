package kr.madang.plugins.opcua;

/** Passes over values of which nothing is wanted. */
final class Skip {
  /** Bytes of a value of each built-in type; 0 where it depends. */
  private static final int[] SIZES = {
    0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 8, 16, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0
  };

  private Skip() {}

  /** The bytes that values of a type take, 0 if they differ. */
  static int size(int type) {
    return type < SIZES.length ? SIZES[type] : 0;
  }

  static void one(Cursor in, int type, int depth) {
    int size = size(type);
    if (size > 0) {
      in.skip(size);
      return;
    }
    if (depth > Cursor.DEEPEST) {
      throw Cursor.wrong("at most " + Cursor.DEEPEST + " levels", "more");
    }
    switch (type) {
      case 12, 15, 16 -> in.skipBlob();
      case 17 -> nodeId(in, false);
      case 18 -> nodeId(in, true);
      case 20 -> {
        in.skip(2);
        in.skipBlob();
      }
      case 21 -> {
        int mask = in.u8();
        for (int i = 0; i < Integer.bitCount(mask & 3); i++) {
          in.skipBlob();
        }
      }
      case 22 -> {
        nodeId(in, false);
        if (in.u8() != 0) {
          in.skipBlob();
        }
      }
      case 23 -> dataValue(in, depth + 1);
      case 24 -> variant(in, depth + 1);
      case 25 -> in.skipDiagnosticInfo(depth + 1);
      default -> throw Cursor.wrong("a built-in type from 1 to 25", String.valueOf(type));
    }
  }

  static void variant(Cursor in, int depth) {
    int head = in.u8();
    int type = head & 0x3F;
    if (type == 0) {
      return;
    }
    if ((head & 0x80) == 0) {
      one(in, type, depth);
      return;
    }
    int size = size(type);
    int length = in.length(Math.max(1, size));
    if (size > 0) {
      in.skip(Math.max(0, length) * size);
    } else {
      for (int i = 0; i < length; i++) {
        one(in, type, depth);
      }
    }
    if ((head & 0x40) != 0) {
      in.skip(4 * Math.max(0, in.length(4)));
    }
  }

  private static void dataValue(Cursor in, int depth) {
    int mask = in.u8();
    if ((mask & 1) != 0) {
      variant(in, depth);
    }
    in.skip(
        ((mask & 2) != 0 ? 4 : 0)
            + ((mask & 4) != 0 ? 8 : 0)
            + ((mask & 0x10) != 0 ? 2 : 0)
            + ((mask & 8) != 0 ? 8 : 0)
            + ((mask & 0x20) != 0 ? 2 : 0));
  }

  private static void nodeId(Cursor in, boolean expanded) {
    int form = in.u8();
    switch (form & 0x3F) {
      case 0 -> in.skip(1);
      case 1 -> in.skip(3);
      case 2 -> in.skip(6);
      case 3, 5 -> {
        in.skip(2);
        in.skipBlob();
      }
      case 4 -> in.skip(18);
      default -> throw Cursor.wrong("a form of node id from 0 to 5", String.valueOf(form & 0x3F));
    }
    if (expanded && (form & 0x80) != 0) {
      in.skipBlob();
    }
    if (expanded && (form & 0x40) != 0) {
      in.skip(4);
    }
  }
}
