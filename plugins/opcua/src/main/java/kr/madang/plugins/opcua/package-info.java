/** Reads OPC UA servers: channel, session, subscriptions and history, without a thread too many. */
@NullMarked
package kr.madang.plugins.opcua;

import org.jspecify.annotations.NullMarked;
