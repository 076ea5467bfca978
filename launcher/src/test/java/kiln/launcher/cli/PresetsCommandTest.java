package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.launcher.KilnProcess;
import kiln.launcher.preset.NetworkCatalog;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PresetsCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void shouldListPresetsAndNetworks() {
    String out = KilnProcess.runHere("presets").assertOk().out();
    PresetCatalog.names().forEach(name -> assertTrue(out.contains("\n" + name + " "), name));
    NetworkCatalog.names().forEach(name -> assertTrue(out.contains("\n" + name + " "), name));
    String row = "sd21-byt5-base-unet +UNet2DConditionModel +878,690,244 +686 .*";
    assertTrue(out.lines().anyMatch(line -> line.matches(row)), out);
  }

  @Test
  void shouldShowPresetOrConfiguration() {
    String preset = KilnProcess.runHere("presets", "tiny", "--set", "steps=7").assertOk().out();
    assertEquals(7, JSON.readTree(preset).get("steps").intValue());
    String network = KilnProcess.runHere("presets", "sd21-unet").assertOk().out();
    assertEquals(NetworkCatalog.find("sd21-unet").orElseThrow().config(), JSON.readTree(network));
  }

  @Test
  void shouldRefuseUnknownNames() {
    KilnProcess.runHere("presets", "sd21-unit").assertRefused(ExitStatus.USAGE, "sd21-unit", "near: sd21-unet");
    KilnProcess.runHere("presets", "sd21-unet", "--set", "in_channels=3")
        .assertRefused(ExitStatus.USAGE, "option --set", "network sd21-unet");
    KilnProcess.runHere("presets", "--set", "steps=7").assertRefused(ExitStatus.USAGE, "option --set", "found none");
  }
}
