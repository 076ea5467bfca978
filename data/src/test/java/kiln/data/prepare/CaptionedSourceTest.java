package kiln.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.image.PictureLimits;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.RawSample;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionedSourceTest {
  private static final BucketTable BUCKETS =
      new BucketTable(List.of(new BucketTable.Size(32, 32), new BucketTable.Size(32, 64)), List.of(8, 16));

  /** Left third red, the middle green, the right third blue. */
  private static byte[] png(int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Color[] thirds = {Color.RED, Color.GREEN, Color.BLUE};
    for (int i = 0; i < 3; i++) {
      graphics.setColor(thirds[i]);
      graphics.fillRect(width * i / 3, 0, width, height);
    }
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static RawSample raw(String key, byte[] picture, byte[] caption) {
    return new RawSample(key, "shard.tar/" + key, RawSample.EncodedPicture.of(picture), caption, "{\"key\":\"" + key + "\"}");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static PreparationOptions options(Fit fit, CropPlace place) {
    return new PreparationOptions(BUCKETS, fit, place, 1, false, false, 0, true, PictureLimits.DEFAULT, 0);
  }

  private static Sample make(PreparationOptions options, RawSample raw) throws UnusableException {
    try (Drafts drafts = new CaptionedSource(new ListedSource(List.of(raw)), options).drafts(new SkipReport(true))) {
      return drafts.next().make();
    }
  }

  private static int[] pixel(Sample sample, int y, int x) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rgb = arena.allocate(3L * sample.size().height() * sample.size().width());
      sample.pixels().writeTo(rgb);
      long at = 3L * (y * sample.size().width() + x);
      return IntStream.range(0, 3).map(i -> rgb.get(ValueLayout.JAVA_BYTE, at + i) & 255).toArray();
    }
  }

  private static final int[] RED = {255, 0, 0};
  private static final int[] GREEN = {0, 255, 0};
  private static final int[] BLUE = {0, 0, 255};
  private static final int[] WHITE = {255, 255, 255};

  @Test
  void shouldCropPadOrSquash() throws Exception {
    RawSample wide = raw("wide", png(60, 80), utf8("three"));
    Sample crop = make(options(Fit.CROP, CropPlace.CENTER), wide);
    assertEquals(new BucketTable.Size(32, 32), crop.size(), "60:80 is nearer to 1:1 than to 1:2");
    assertArrayEquals(GREEN, pixel(crop, 16, 16));
    assertArrayEquals(RED, pixel(crop, 16, 2)); // columns 10 to 70 are kept, of which 16 are red
    Sample pad = make(options(Fit.PAD, CropPlace.CENTER), wide);
    assertArrayEquals(WHITE, pixel(pad, 3, 16));
    assertArrayEquals(GREEN, pixel(pad, 16, 16));
    assertArrayEquals(RED, pixel(pad, 16, 0));
    assertArrayEquals(WHITE, pixel(pad, 28, 16));
    Sample squash = make(options(Fit.SQUASH, CropPlace.CENTER), wide);
    assertArrayEquals(RED, pixel(squash, 0, 0));
    assertArrayEquals(BLUE, pixel(squash, 31, 31));
    assertEquals("{\"key\":\"wide\"}", new String(crop.truth(), StandardCharsets.UTF_8));
    assertEquals("three", new String(crop.caption(), StandardCharsets.UTF_8));
  }

  @Test
  void shouldDrawCropsByKeyAndSeedAlone() throws Exception {
    byte[] picture = png(32, 400);
    BucketTable square = BucketTable.square(32, 16);
    List<int[]> first = new ArrayList<>();
    for (int seed = 0; seed < 2; seed++) {
      PreparationOptions options =
          new PreparationOptions(
              square, Fit.CROP, CropPlace.RANDOM, 1, false, false, 0, true, PictureLimits.DEFAULT, seed);
      for (int i = 0; i < 8; i++) {
        RawSample raw = raw("k" + i, picture, utf8("x"));
        int[] found = pixel(make(options, raw), 16, 16);
        assertArrayEquals(found, pixel(make(options, raw), 16, 16), "the same again");
        first.add(found);
      }
    }
    assertTrue(first.stream().map(java.util.Arrays::toString).distinct().count() > 1, "not always the same part");
  }

  @Test
  void shouldCutCaptionsBetweenCharactersAndCountThem() throws Exception {
    CaptionedSource source =
        new CaptionedSource(
            new ListedSource(
                List.of(
                    raw("short", png(64, 64), utf8("  ab\n")),
                    raw("long", png(64, 64), utf8("ääääääääää")),
                    raw("huge", png(64, 64), utf8("é".repeat(500_000))))),
            options(Fit.PAD, CropPlace.CENTER));
    List<String> captions = new ArrayList<>();
    try (Drafts drafts = source.drafts(new SkipReport(true))) {
      while (drafts.hasNext()) {
        captions.add(new String(drafts.next().make().caption(), StandardCharsets.UTF_8));
      }
    }
    assertEquals(List.of("ab", "äääääää", "ééééééé"), captions);
    Map<String, BucketWaste> waste = WasteTable.rows(source.notes().get(WasteTable.NOTE));
    BucketWaste longer = waste.get("32x32 captions 16");
    assertEquals(2, longer.samples());
    assertEquals(2, longer.cutCaptions());
    assertEquals(20 - 14 + 1_000_000 - 14, longer.cutBytes());
    assertEquals(30, longer.tokens());
    assertEquals(2, longer.paddedTokens());
    assertEquals(5, waste.get("32x32 captions 8").paddedTokens());
  }

  @Test
  void shouldCountWhatFittingWastes() throws Exception {
    RawSample wide = raw("wide", png(60, 80), utf8("x"));
    RawSample tiny = raw("tiny", png(16, 16), utf8("x"));
    for (Fit fit : Fit.values()) {
      CaptionedSource source = new CaptionedSource(new ListedSource(List.of(wide, tiny)), options(fit, CropPlace.CENTER));
      try (Drafts drafts = source.drafts(new SkipReport(true))) {
        drafts.next().make();
        drafts.next().make();
      }
      BucketWaste waste = WasteTable.rows(source.notes().get(WasteTable.NOTE)).get("32x32 captions 8");
      assertEquals(60 * 80 + 16 * 16, waste.sourcePixels());
      assertEquals(fit == Fit.CROP ? 60 * 20 : 0, waste.croppedPixels(), fit.toString());
      assertEquals(fit == Fit.PAD ? 32 * 8 : 0, waste.paddedPixels(), fit.toString());
      assertEquals(1, waste.enlarged());
    }
  }

  @Test
  void shouldRefuseForAReason() {
    byte[] picture = png(20, 30);
    Map<String, RawSample> refused =
        Map.of(
            "no caption", raw("a", picture, null),
            "empty caption", raw("b", picture, utf8(" \n")),
            "caption not UTF-8", raw("c", picture, new byte[] {'a', (byte) 0xff}),
            "image does not decode", raw("d", utf8("no picture"), utf8("x")),
            "image too small", raw("e", picture, utf8("x")),
            "image file too large", raw("f", new byte[70_000], utf8("x")),
            "image too large", raw("g", png(300, 300), utf8("x")));
    PreparationOptions options =
        new PreparationOptions(
            BUCKETS, Fit.CROP, CropPlace.CENTER, 21, false, true, 0, true, new PictureLimits(65_536, 80_000), 0);
    refused.forEach(
        (reason, raw) -> {
          UnusableException e = assertThrows(UnusableException.class, () -> make(options, raw), reason);
          assertEquals(reason, e.reason());
          assertTrue(e.getMessage().startsWith(raw.origin() + ": "), e.getMessage());
        });
  }

  @Test
  void shouldKeepUncaptionedPicturesIfAsked() throws Exception {
    PreparationOptions options =
        new PreparationOptions(
            BUCKETS, Fit.CROP, CropPlace.CENTER, 1, true, false, 0, true, PictureLimits.DEFAULT, 0);
    assertEquals(0, make(options, raw("a", png(40, 40), null)).caption().length);
  }

  @Test
  void shouldTakeTheFirstFrameAndCountItUnlessToldToSkip() throws Exception {
    byte[] gif;
    try (var in = getClass().getResourceAsStream("/golden-pictures/animated.gif")) {
      gif = in.readAllBytes();
    }
    CaptionedSource source =
        new CaptionedSource(new ListedSource(List.of(raw("a", gif, utf8("x")))), options(Fit.PAD, CropPlace.CENTER));
    try (Drafts drafts = source.drafts(new SkipReport(true))) {
      drafts.next().make();
    }
    assertEquals(1L, source.notes().get("firstOfSeveralFrames"));
    PreparationOptions skipping =
        new PreparationOptions(
            BUCKETS, Fit.PAD, CropPlace.CENTER, 1, false, true, 0, true, PictureLimits.DEFAULT, 0);
    UnusableException e = assertThrows(UnusableException.class, () -> make(skipping, raw("a", gif, utf8("x"))));
    assertEquals("animated image", e.reason());
  }

  @Test
  void shouldSplitByKeyWhateverElseTheSourceHolds() {
    List<RawSample> all =
        IntStream.range(0, 4000).mapToObj(i -> raw("key-" + i, new byte[0], utf8("x"))).toList();
    PreparationOptions options = PreparationOptions.defaults(BUCKETS);
    List<Split> splits = splits(all, options);
    long validation = splits.stream().filter(split -> split == Split.VALIDATION).count();
    assertTrue(validation > 20 && validation < 64, "validation=" + validation + " of 4000, expected about 40");
    assertEquals(splits.subList(1000, 1500), splits(all.subList(1000, 1500), options));
    assertEquals(OptionalLong.empty(), new CaptionedSource(new ListedSource(all), options).count(Split.TRAIN));
    CaptionedSource unsplit = new CaptionedSource(new ListedSource(all), options(Fit.CROP, CropPlace.CENTER));
    assertEquals(OptionalLong.of(4000), unsplit.count(Split.TRAIN));
    assertEquals(OptionalLong.of(0), unsplit.count(Split.VALIDATION));
  }

  private static List<Split> splits(List<RawSample> samples, PreparationOptions options) {
    List<Split> splits = new ArrayList<>();
    try (Drafts drafts = new CaptionedSource(new ListedSource(samples), options).drafts(new SkipReport(true))) {
      while (drafts.hasNext()) {
        Draft draft = drafts.next();
        splits.add(draft.split());
      }
    }
    return splits;
  }

  @Test
  void shouldStoreEveryChoiceAndTheWasteInTheDataSet(@TempDir Path folder) {
    List<RawSample> all = IntStream.range(0, 40).mapToObj(i -> raw("key-" + i, png(40, 40 + i), utf8("x" + i))).toList();
    PreparationOptions options =
        new PreparationOptions(
            BUCKETS, Fit.CROP, CropPlace.RANDOM, 3, false, false, 0.25, false, new PictureLimits(5_000_000, 70_000), 9);
    Path out = folder.resolve("data");
    DatasetBuilder.build(
        new CaptionedSource(new ListedSource(all), options), out, BuildOptions.defaults().withBlockSize(4), (s, d, t) -> {});
    Manifest manifest = Manifest.read(out);
    Map<?, ?> stored = (Map<?, ?>) manifest.settings().get("preparation");
    assertEquals("crop", stored.get("fit"));
    assertEquals("random", stored.get("crop"));
    assertEquals(3, stored.get("minSize"));
    assertEquals(0.25, stored.get("validationShare"));
    assertEquals(false, stored.get("scaledDecoding"));
    assertEquals(70_000, stored.get("maxPixels"));
    assertEquals(9, stored.get("seed"));
    assertEquals(List.of("32x32", "32x64"), stored.get("sizes"));
    BucketWaste total =
        WasteTable.rows(manifest.notes().get(WasteTable.NOTE)).values().stream().reduce(BucketWaste.NONE, BucketWaste::plus);
    assertEquals(40, total.samples());
    assertTrue(total.croppedShare() > 0 && total.croppedShare() < 0.5, total.toString());
  }

  @Test
  void shouldRefuseOptionsThatMakeNoSense() {
    assertThrows(UserException.class, () -> new PictureLimits(0, 1));
    for (double share : new double[] {-0.1, 1, Double.NaN}) {
      UserException e =
          assertThrows(
              UserException.class,
              () ->
                  new PreparationOptions(
                      BUCKETS, Fit.CROP, CropPlace.CENTER, 1, false, false, share, true, PictureLimits.DEFAULT, 0));
      assertTrue(e.getMessage().startsWith("--validation-share"), e.getMessage());
    }
  }
}
