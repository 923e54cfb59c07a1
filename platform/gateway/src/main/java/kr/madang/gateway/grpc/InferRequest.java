package kr.madang.gateway.grpc;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kr.madang.gateway.oip.Classes;
import kr.madang.gateway.oip.Datatype;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;

/** {@code ModelInferRequest}; closing it frees the memory of its tensors. */
final class InferRequest implements AutoCloseable {
  private final byte[] message;
  private final List<Slabs.Slab> slabs = new ArrayList<>(2);
  private final List<Part> parts = new ArrayList<>(2);
  private final List<int[]> raws = new ArrayList<>(2);
  final List<Tensor> inputs = new ArrayList<>(2);
  final List<String> outputs = new ArrayList<>(0);
  long[] classes = {};
  String model = "";
  String version = "";
  String id = "";
  String key = "";
  long priority;
  long timeoutMicros;
  boolean raw;

  /** An input before its data are taken over. */
  private static final class Part {
    String name = "";
    String datatype = "";
    long[] shape = new long[4];
    int rank;
    int from;
    int length = -1;

    void dimension(long value) {
      if (rank == shape.length) {
        if (rank == 64) {
          throw new Refusal(
              Status.INVALID, "input '" + name + "': expected at most 64 dimensions, got more");
        }
        shape = Arrays.copyOf(shape, rank * 2);
      }
      shape[rank++] = value;
    }
  }

  InferRequest(byte[] message) {
    this.message = message;
  }

  /** Reads a whole message; its tensors then live in the slabs. */
  void read(Slabs memory) {
    try {
      Wire.read(message, 0, message.length, this::field);
      tensors(memory);
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  private boolean field(int number, CodedInputStream in) throws IOException {
    switch (number) {
      case 1 -> model = in.readStringRequireUtf8();
      case 2 -> version = in.readStringRequireUtf8();
      case 3 -> id = in.readStringRequireUtf8();
      case 4 -> parameter(in);
      case 5 -> parts.add(part(in));
      case 6 -> outputs.add(output(in));
      case 7 -> {
        int length = in.readRawVarint32();
        raws.add(new int[] {in.getTotalBytesRead(), length});
        in.skipRawBytes(length);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What stands in a map of parameters; of numbers and texts only the one that it is. */
  private record Parameter(String name, long number, String text) {
    static Parameter read(CodedInputStream in) throws IOException {
      String[] texts = {"", ""};
      long[] number = {0};
      Wire.nested(
          in,
          (field, entry) -> {
            if (field == 1) {
              texts[0] = entry.readStringRequireUtf8();
              return true;
            }
            if (field != 2) {
              return false;
            }
            Wire.nested(
                entry,
                (kind, value) -> {
                  switch (kind) {
                    case 2, 5 -> number[0] = value.readInt64();
                    case 3 -> texts[1] = value.readStringRequireUtf8();
                    default -> {
                      return false;
                    }
                  }
                  return true;
                });
            return true;
          });
      return new Parameter(texts[0], number[0], texts[1]);
    }
  }

  private void parameter(CodedInputStream in) throws IOException {
    Parameter given = Parameter.read(in);
    switch (given.name) {
      case "priority" -> priority = given.number;
      case "timeout" -> timeoutMicros = given.number;
      case "madang_key" -> key = given.text;
      default -> {
        // others are for other servers
      }
    }
  }

  private static Part part(CodedInputStream in) throws IOException {
    Part part = new Part();
    Wire.nested(
        in,
        (field, tensor) -> {
          switch (field) {
            case 1 -> part.name = tensor.readStringRequireUtf8();
            case 2 -> part.datatype = tensor.readStringRequireUtf8();
            case 3 -> shape(part, tensor);
            case 5 -> {
              part.length = tensor.readRawVarint32();
              part.from = tensor.getTotalBytesRead();
              tensor.skipRawBytes(part.length);
            }
            default -> {
              return false;
            }
          }
          return true;
        });
    return part;
  }

  /** Packed, or one by one. */
  private static void shape(Part part, CodedInputStream in) throws IOException {
    if ((in.getLastTag() & 7) != 2) {
      part.dimension(in.readInt64());
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (!in.isAtEnd()) {
      part.dimension(in.readInt64());
    }
    in.popLimit(limit);
  }

  private String output(CodedInputStream in) throws IOException {
    String[] name = {""};
    Wire.nested(
        in,
        (field, tensor) -> {
          switch (field) {
            case 1 -> name[0] = tensor.readStringRequireUtf8();
            case 2 -> outputParameter(Parameter.read(tensor));
            default -> {
              return false;
            }
          }
          return true;
        });
    return name[0];
  }

  private void outputParameter(Parameter given) {
    switch (given.name) {
      case "classification" -> {
        classes = Arrays.copyOf(classes, outputs.size() + 1);
        classes[outputs.size()] = Classes.checked(given.number);
      }
      case "shared_memory_region" ->
          throw new Refusal(
              Status.INVALID,
              "outputs: shared memory is not offered; take the data from the answer");
      default -> {
        // others are for other servers
      }
    }
  }

  private void tensors(Slabs memory) {
    raw = !raws.isEmpty();
    if (raw && raws.size() != parts.size()) {
      throw new Refusal(
          Status.INVALID,
          "raw_input_contents: expected one for each of the %d inputs, got %d"
              .formatted(parts.size(), raws.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Datatype type =
          Datatype.named(part.datatype)
              .orElseThrow(() ->
                  new Refusal(
                      Status.INVALID,
                      "input '%s': expected a datatype of the protocol, got '%s'"
                          .formatted(part.name, part.datatype)));
      if (raw && part.length >= 0) {
        throw new Refusal(
            Status.INVALID,
            "input '%s': expected its data in contents or in raw_input_contents, got both"
                .formatted(part.name));
      }
      long[] shape = Arrays.copyOf(part.shape, part.rank);
      ByteBuffer data;
      if (raw) {
        int[] at = raws.get(i);
        Slabs.Slab slab = memory.take(at[1]);
        slabs.add(slab);
        data = slab.part(0, at[1]).put(0, message, at[0], at[1]);
      } else {
        data = typed(part, type, memory);
      }
      inputs.add(new Tensor(part.name, type.label(), shape, data));
    }
  }

  private ByteBuffer typed(Part part, Datatype type, Slabs memory) {
    int length = Math.max(0, part.length);
    Contents contents = new Contents(part.name, type);
    Wire.read(message, part.from, length, contents::count);
    Slabs.Slab slab = memory.take(contents.bytes());
    slabs.add(slab);
    ByteBuffer data = slab.part(0, Math.toIntExact(contents.bytes()));
    contents.into(data);
    Wire.read(message, part.from, length, contents::fill);
    return data;
  }

  @Override
  public void close() {
    slabs.forEach(Slabs.Slab::close);
    slabs.clear();
  }
}
