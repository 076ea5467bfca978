package kiln.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.pass.Remat;
import kiln.model.plan.LaunchInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkTest {
  private static StepCase tiny(String kind, int side) {
    return tiny(kind, side, Remat.NONE);
  }

  private static StepCase tiny(String kind, int side, Remat remat) {
    var preset = PresetCatalog.get("tiny");
    return new StepCase(
        kind, "float32", preset.unet(), PresetCatalog.get("tiny-vae").vae(), preset.textEncoder(), 1, side, side, 16, 2, 1,
        remat, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"step", "t5", "vae-encode", "text-to-image"})
  void shouldRunAndTellOfItsLaunches(String kind) {
    try (Work work = Work.of(tiny(kind, 32))) {
      work.run();
      List<LaunchInfo> launches = new ArrayList<>();
      work.profile((info, start, end) -> launches.add(info));
      long flops = launches.stream().mapToLong(LaunchInfo::flops).sum();
      if (kind.equals("text-to-image")) { // without what is computed once for the text
        assertTrue(flops > work.forwardFlops() / 2 && flops < work.forwardFlops(), "flops=" + flops);
      } else {
        assertEquals(work.totalFlops(), flops);
      }
      assertTrue(work.parameters() > 0);
    }
  }

  @Test
  void shouldCountBackwardAsTwiceForward() {
    try (Work work = Work.of(tiny("step", 16))) {
      double ratio = (double) work.totalFlops() / work.forwardFlops();
      assertTrue(ratio > 2.8 && ratio <= 3, "ratio=" + ratio); // inputs have no gradient
    }
  }

  @Test
  void shouldNotCountTwiceWhatIsComputedOnceMore() {
    try (Work kept = Work.of(tiny("step", 16));
        Work again = Work.of(tiny("step", 16, Remat.FULL))) {
      assertEquals(kept.totalFlops(), again.totalFlops());
      List<LaunchInfo> launches = new ArrayList<>();
      again.profile((info, start, end) -> launches.add(info));
      assertTrue(launches.stream().mapToLong(LaunchInfo::flops).sum() > kept.totalFlops());
    }
  }

  @Test
  void shouldCountTheStepsAndTheDecoderOfADrawing() {
    try (Work drawing = Work.of(tiny("text-to-image", 32))) {
      assertTrue(drawing.totalFlops() > 2 * drawing.forwardFlops());
    }
  }

  @Test
  void shouldKnowItsCases() {
    for (NamedCase named : NamedCase.ALL) {
      StepCase c = named.make();
      assertEquals(named.dtype(), c.dtype());
      assertEquals(c.kind().equals("step") || c.kind().equals("text-to-image"), c.unet() != null, named.label());
      assertEquals(named, NamedCase.find(named.label()).orElseThrow());
    }
    assertEquals(2, NamedCase.ofPreset("tiny").size());
    NamedCase large = NamedCase.find("full-64-bf16").orElseThrow();
    assertFalse(NamedCase.ALL.contains(large));
    assertEquals("full-64-bf16, remat blocks", large.with(Remat.BLOCKS).label());
    assertEquals(Remat.BLOCKS, large.with(Remat.BLOCKS).make().remat());
    assertEquals(large, large.with(Remat.NONE));
  }
}
