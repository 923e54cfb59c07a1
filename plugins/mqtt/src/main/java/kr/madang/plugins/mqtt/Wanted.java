package kr.madang.plugins.mqtt;

/** A topic filter to subscribe to. */
record Wanted(String filter, int qos) {}
