package kr.madang.plugins.mqtt;

/**
 * A message that came.
 *
 * @param receipt acknowledges it; once, on the event loop
 */
record Message(String topic, byte[] payload, int qos, boolean retained, Runnable receipt) {}
