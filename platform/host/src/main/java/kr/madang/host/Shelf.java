package kr.madang.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.pf4j.AbstractPluginManager;
import org.pf4j.DefaultExtensionFactory;
import org.pf4j.ExtensionFactory;
import org.pf4j.ExtensionFinder;
import org.pf4j.ExtensionWrapper;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRepository;
import org.pf4j.PluginStatusProvider;
import org.pf4j.VersionManager;

/**
 * A manager of PF4J that holds one plugin folder. Each plugin has its own: PF4J's managers are not
 * made for many threads, and one plugin that hangs must not hold up another.
 */
final class Shelf extends AbstractPluginManager {
  private final Descriptor descriptor;
  private final ClassLoader loader;
  private final PluginFactory factory;

  Shelf(Path folder, Descriptor descriptor, ClassLoader loader, PluginFactory factory) {
    this.descriptor = descriptor;
    this.loader = loader;
    this.factory = factory;
    super(List.of(folder));
  }

  @Override
  protected PluginDescriptorFinder createPluginDescriptorFinder() {
    return new PluginDescriptorFinder() {
      @Override
      public boolean isApplicable(Path path) {
        return true;
      }

      @Override
      public PluginDescriptor find(Path path) {
        return descriptor.forPf4j();
      }
    };
  }

  @Override
  protected PluginLoader createPluginLoader() {
    return new PluginLoader() {
      @Override
      public boolean isApplicable(Path path) {
        return true;
      }

      @Override
      public ClassLoader loadPlugin(Path path, PluginDescriptor described) {
        return loader;
      }
    };
  }

  @Override
  protected PluginFactory createPluginFactory() {
    return factory;
  }

  @Override
  protected VersionManager createVersionManager() {
    return Descriptor.VERSIONS;
  }

  @Override
  protected PluginRepository createPluginRepository() {
    return new PluginRepository() {
      @Override
      public List<Path> getPluginPaths() {
        return List.copyOf(getPluginsRoots());
      }

      @Override
      public boolean deletePluginPath(Path path) {
        return false;
      }
    };
  }

  @Override
  protected PluginStatusProvider createPluginStatusProvider() {
    return new PluginStatusProvider() {
      @Override
      public boolean isPluginDisabled(String id) {
        return false;
      }

      @Override
      public void disablePlugin(String id) {}

      @Override
      public void enablePlugin(String id) {}
    };
  }

  @Override
  protected ExtensionFactory createExtensionFactory() {
    return new DefaultExtensionFactory();
  }

  /** The SDK's factories are handed out by the host, not as extensions of PF4J. */
  @Override
  protected ExtensionFinder createExtensionFinder() {
    return new ExtensionFinder() {
      @Override
      public <T> List<ExtensionWrapper<T>> find(Class<T> type) {
        return List.of();
      }

      @Override
      public <T> List<ExtensionWrapper<T>> find(Class<T> type, String id) {
        return List.of();
      }

      @Override
      @SuppressWarnings("rawtypes")
      public List<ExtensionWrapper> find(String id) {
        return List.of();
      }

      @Override
      public Set<String> findClassNames(String id) {
        return Set.of();
      }
    };
  }
}
