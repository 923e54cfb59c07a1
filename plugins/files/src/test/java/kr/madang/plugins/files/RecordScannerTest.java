package kr.madang.plugins.files;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class RecordScannerTest {
  @Property(tries = 5000)
  void theScannerFindsTheRecordsThatTheLibraryReads(
      @ForAll @Chars({'a', ',', '"', '\n', '\r'}) @StringLength(max = 24) String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    RecordScanner scanner = new RecordScanner(',');
    int found = scanner.scan(bytes, 0, bytes.length, 1000, true);
    int end = found == 0 ? 0 : scanner.end(found - 1);
    List<List<String>> singly = new ArrayList<>();
    List<List<String>> together = new ArrayList<>();
    try {
      int from = 0;
      for (int i = 0; i < found; i++) {
        singly.addAll(read(text.substring(from, scanner.end(i))));
        assertThat(singly).hasSize(i + 1);
        from = scanner.end(i);
      }
      together = read(text.substring(0, end));
    } catch (CsvParseException e) {
      return; // a quote that strict reading refuses: that record is rejected
    }
    assertThat(together).isEqualTo(singly);
    if (end < text.length()) {
      assertThat(text.substring(end)).contains("\"");
    }
  }

  @Property(tries = 2000)
  void whatIsFoundInAPartIsFoundInTheWhole(
      @ForAll @Chars({'a', ',', '"', '\n', '\r'}) @StringLength(max = 24) String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    RecordScanner all = new RecordScanner(',');
    int whole = all.scan(bytes, 0, bytes.length, 1000, true);
    for (int cut = 0; cut < bytes.length; cut++) {
      RecordScanner part = new RecordScanner(',');
      int found = part.scan(bytes, 0, cut, 1000, false);
      assertThat(found).isLessThanOrEqualTo(whole);
      for (int i = 0; i < found; i++) {
        assertThat(part.end(i)).isEqualTo(all.end(i));
      }
    }
  }

  private static List<List<String>> read(String text) {
    List<List<String>> records = new ArrayList<>();
    for (CsvRecord record : CsvFormat.reader(',').ofCsvRecord(text)) {
      records.add(record.getFields());
    }
    return records;
  }
}
