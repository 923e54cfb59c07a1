package kr.madang.plugins.modbus;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.source.SourceFactory;

/** The entry of the Modbus plugin. It owns no thread, so there is nothing to start or to stop. */
public final class ModbusPlugin implements Plugin {
  /** Called by the service loader. */
  public ModbusPlugin() {}

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new ModbusSource());
  }
}
