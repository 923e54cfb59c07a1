/** MQTT and Sparkplug B: sources that acknowledge when rows are accepted, and sinks. */
@NullMarked
package kr.madang.plugins.mqtt;

import org.jspecify.annotations.NullMarked;
