package kiln.launcher.preset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkCatalogTest {
  /** The published numbers. */
  @ParameterizedTest
  @CsvSource({
    "sd15-unet, 859520964, 686",
    "sd21-unet, 865910724, 686",
    "sd21-byt5-base-unet, 878690244, 686",
    "sdxl-unet, 2567463684, 1680",
    "ddpm-cifar10-unet, 35746307, 328",
    "ddpm-256-unet, 113673219, 450",
    "sd21-autoencoder, 83653863, 248",
    "sd15-text-encoder, 123060480, 196",
    "sd21-text-encoder, 340387840, 372",
    "byt5-small, 299637760, 170",
    "byt5-small-encoder, 217657472, 111",
    "byt5-base, 581653248, 252",
    "byt5-base-encoder, 414703488, 165",
    "byt5-large, 1228183552, 498",
    "byt5-large-encoder, 864204800, 327",
    "byt5-xl, 3737801728, 498",
    "byt5-xl-encoder, 2614091264, 327",
    "byt5-xxl, 12906899328, 498",
    "byt5-xxl-encoder, 8990317632, 327",
    "t5-v1.1-small, 76961152, 190",
    "t5-v1.1-base, 247577856, 282",
    "t5-v1.1-large, 783150080, 558",
    "t5-v1.1-xl, 2849757184, 558",
    "t5-v1.1-xxl, 11135332352, 558",
    "t5-small, 60506624, 131",
    "t5-base, 222903552, 257",
    "t5-large, 737668096, 509",
  })
  void shouldHavePublishedParameters(String name, long parameters, int tensors) {
    NetworkCatalog.Network network = NetworkCatalog.find(name).orElseThrow();
    assertEquals(parameters, network.numParameters());
    assertEquals(tensors, network.parameters().size());
  }

  @Test
  void shouldNameEveryNetworkOnceAndBuildIt() {
    List<String> names = NetworkCatalog.names();
    assertEquals(names.size(), new HashSet<>(names).size());
    assertTrue(PresetCatalog.names().stream().noneMatch(names::contains), "a preset would hide a network of its name");
    for (String name : names) {
      NetworkCatalog.Network network = NetworkCatalog.find(name).orElseThrow();
      assertEquals(name, network.name());
      assertTrue(network.numParameters() > 0, name);
      assertTrue(network.className().matches("\\w+"), name);
    }
  }
}
