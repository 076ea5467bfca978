package kiln.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pictures of every mode and orientation against what Pillow shows of them, by the fast decoders and by Image I/O's. */
class PictureFileGoldenTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReadEveryModeAsPillowDoes(boolean fast) throws Exception {
    JsonNode modes = GoldenPictures.CASES.get("modes");
    assertTrue(modes.size() > 25, "cases=" + modes.size());
    for (JsonNode c : modes) {
      String name = c.get("file").asString();
      PictureFile file = PictureFile.open(GoldenPictures.bytes(name), name, PictureLimits.DEFAULT, fast);
      assertEquals(name.startsWith("animated"), file.isAnimated(), name);
      RgbImage expected = GoldenPictures.expected(c.get("expected").asString());
      GoldenPictures.assertNear(
          expected, file.whole(), c.get("tolerance").asInt(), c.get("mean").asDouble(), name + " fast=" + fast);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTurnEveryOrientationUpright(boolean fast) throws Exception {
    JsonNode orientations = GoldenPictures.CASES.get("orientations");
    assertEquals(32, orientations.size());
    for (JsonNode c : orientations) {
      String name = c.get("file").asString();
      PictureFile file = PictureFile.open(GoldenPictures.bytes(name), name, PictureLimits.DEFAULT, fast);
      RgbImage expected = GoldenPictures.expected("orientation-" + c.get("orientation").asInt() + ".expected.png");
      assertEquals(expected.height(), file.height(), name);
      assertEquals(expected.width(), file.width(), name);
      int tolerance = name.endsWith("jpg") ? 16 : 0;
      GoldenPictures.assertNear(expected, file.whole(), tolerance, tolerance / 8.0, name + " fast=" + fast);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldResizeTheRegionOfTheUprightPicture(int orientation) throws Exception {
    String name = "orientation-" + orientation + ".png";
    PictureFile file = PictureFile.open(GoldenPictures.bytes(name), name, PictureLimits.DEFAULT);
    RgbImage upright = GoldenPictures.expected("orientation-" + orientation + ".expected.png");
    Region region = new Region(2.5, 4, upright.height() - 3.25, upright.width() - 8.5);
    RgbImage expected = Resampler.resize(upright, region, 13, 9);
    GoldenPictures.assertNear(expected, file.resized(region, 13, 9, true), 1, 0.5, name);
  }
}
