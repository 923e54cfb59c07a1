package kr.madang.host;

import java.util.concurrent.ThreadFactory;

/**
 * A factory of a started plugin. Hold a {@link Lease} while it is used and drop it afterwards: who
 * keeps it keeps the plugin's class loader.
 *
 * @param plugin whose factory this is
 * @param factory the plugin's own object; call it on threads of this plugin only
 * @param threads makes platform threads that belong to the plugin: daemons with its class loader as
 *     context, watched by the host; refuses once the plugin is stopped
 * @param <F> kind of factory
 */
public record Hosted<F>(PluginRef plugin, F factory, ThreadFactory threads) {}
