package kr.madang.plugins.files;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.jspecify.annotations.Nullable;

/**
 * The texts of dictionary columns over all files of a sink. An Arrow file has one dictionary that
 * stands before its rows, while batches bring dictionaries of their own that grow.
 */
final class FileDictionaries {
  private final Map<Long, Map<String, Integer>> codes = new HashMap<>();

  /** Takes up the texts of a batch; returns whether all were known before. */
  boolean learn(FieldVector column, DictionaryProvider dictionaries) {
    DictionaryEncoding encoding = column.getField().getDictionary();
    Map<String, Integer> known =
        codes.computeIfAbsent(encoding.getId(), _ -> new LinkedHashMap<>());
    int before = known.size();
    FieldVector texts = dictionaries.lookup(encoding.getId()).getVector();
    for (int i = 0; i < texts.getValueCount(); i++) {
      String text = text(texts, i);
      if (text != null) {
        known.putIfAbsent(text, known.size());
      }
    }
    return known.size() == before;
  }

  /** For each code of a batch the one in the file; -1 for null. */
  int[] translate(FieldVector column, DictionaryProvider dictionaries) {
    DictionaryEncoding encoding = column.getField().getDictionary();
    Map<String, Integer> known = codes.getOrDefault(encoding.getId(), Map.of());
    FieldVector texts = dictionaries.lookup(encoding.getId()).getVector();
    int[] translated = new int[texts.getValueCount()];
    for (int i = 0; i < translated.length; i++) {
      String text = text(texts, i);
      translated[i] = text == null ? -1 : known.getOrDefault(text, -1);
    }
    return translated;
  }

  /** The dictionary as a file has it. */
  Dictionary dictionary(DictionaryEncoding encoding, BufferAllocator allocator) {
    Map<String, Integer> known = codes.getOrDefault(encoding.getId(), Map.of());
    VarCharVector texts = new VarCharVector("dictionary", allocator);
    texts.allocateNew();
    known.forEach((text, code) -> texts.setSafe(code, text.getBytes(StandardCharsets.UTF_8)));
    texts.setValueCount(known.size());
    return new Dictionary(texts, encoding);
  }

  private static @Nullable String text(FieldVector texts, int index) {
    Object text = texts.getObject(index);
    return text == null ? null : text.toString();
  }
}
