package kiln.model.op;

import static kiln.model.op.OpCase.bf16;
import static kiln.model.op.OpCase.f32;
import static kiln.model.op.OpCase.of;

import java.util.ArrayList;
import java.util.List;

/** Cases for the operations on maps [N, H, W, C]. */
final class MapOpCases {
  private MapOpCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>(convolutions());
    cases.addAll(transposed());
    cases.addAll(resizes());
    return cases;
  }

  private static List<OpCase> convolutions() {
    List<OpCase> cases = new ArrayList<>();
    ConvGeometry same = ConvGeometry.square(1, 1);
    ConvGeometry pointwise = ConvGeometry.square(1, 0);
    cases.add(of(new Conv2d(same), f32(1, 1, 1, 1), f32(1, 1, 3, 3), f32(1)));
    cases.add(of(new Conv2d(same), f32(1, 1, 1, 17), f32(3, 17, 3, 3), f32(3)));
    cases.add(of(new Conv2d(same), f32(2, 3, 5, 3), f32(2, 3, 3, 3)));
    cases.add(of(new Conv2d(same), f32(2, 4, 3, 3), f32(17, 3, 3, 3), f32(17)));
    cases.add(of(new Conv2d(same), f32(2, 7, 5, 33), f32(17, 33, 3, 3), f32(17)));
    cases.add(of(new Conv2d(same), f32(2, 8, 8, 16), f32(32, 16, 3, 3), f32(32)));
    cases.add(of(new Conv2d(same), f32(2, 16, 16, 64), f32(64, 64, 3, 3), f32(64)));
    cases.add(of(new Conv2d(pointwise), f32(2, 3, 3, 1), f32(3, 1, 1, 1), f32(3)));
    cases.add(of(new Conv2d(pointwise), f32(1, 5, 7, 33), f32(17, 33, 1, 1), f32(17)));
    cases.add(of(new Conv2d(pointwise), f32(3, 1, 1, 17), f32(33, 17, 1, 1)));
    ConvGeometry down = ConvGeometry.square(2, 1);
    cases.add(of(new Conv2d(down), f32(2, 7, 4, 3), f32(5, 3, 3, 3), f32(5)));
    cases.add(of(new Conv2d(down), f32(1, 1, 1, 3), f32(3, 3, 3, 3), f32(3)));
    ConvGeometry uneven = new ConvGeometry(1, 2, 2, 1, 1, 0, 1, 0, 1);
    cases.add(of(new Conv2d(uneven), f32(2, 6, 4, 3), f32(5, 3, 3, 3), f32(5)));
    cases.add(of(new Conv2d(uneven), f32(1, 7, 5, 17), f32(17, 17, 3, 3), f32(17)));
    ConvGeometry allUneven = new ConvGeometry(1, 1, 2, 1, 1, 2, 0, 1, 3);
    cases.add(of(new Conv2d(allUneven), f32(1, 4, 5, 2), f32(3, 2, 3, 2), f32(3)));
    cases.add(of(new Conv2d(new ConvGeometry(1, 1, 1, 2, 3, 2, 2, 3, 3)), f32(1, 6, 5, 3), f32(2, 3, 3, 3), f32(2)));
    cases.add(of(new Conv2d(new ConvGeometry(3, 1, 1, 1, 1, 1, 1, 1, 1)), f32(2, 3, 4, 6), f32(9, 2, 3, 3), f32(9)));
    cases.add(of(new Conv2d(new ConvGeometry(17, 1, 1, 1, 1, 1, 1, 1, 1)), f32(1, 5, 3, 17), f32(17, 1, 3, 3), f32(17)));
    cases.add(of(new Conv2d(new ConvGeometry(1, 4, 4, 1, 1, 0, 0, 0, 0)), f32(1, 8, 12, 3), f32(7, 3, 4, 4), f32(7)));
    cases.addAll(smallMaps());
    cases.addAll(narrowConvolutions());
    return cases;
  }

  /** Maps with fewer pixels than there are channels, and more channels than are worked on at a time. */
  private static List<OpCase> smallMaps() {
    List<OpCase> cases = new ArrayList<>();
    ConvGeometry same = ConvGeometry.square(1, 1);
    cases.add(of(new Conv2d(same), f32(2, 3, 3, 67), f32(40, 67, 3, 3), f32(40)));
    cases.add(of(new Conv2d(same), f32(1, 9, 8, 5), f32(75, 5, 3, 3), f32(75)));
    cases.add(of(new Conv2d(ConvGeometry.square(2, 1)), f32(2, 5, 4, 65), f32(17, 65, 3, 3), f32(17)));
    cases.add(of(new Conv2d(new ConvGeometry(1, 2, 1, 2, 3, 3, 1, 2, 4)), f32(1, 4, 3, 6), f32(33, 6, 2, 3), f32(33)));
    cases.add(of(new Conv2d(new ConvGeometry(1, 2, 2, 1, 1, 0, 1, 0, 1)), f32(1, 4, 6, 3), f32(9, 3, 3, 3), f32(9)));
    return cases;
  }

  private static List<OpCase> narrowConvolutions() {
    List<OpCase> cases = new ArrayList<>();
    ConvGeometry same = ConvGeometry.square(1, 1);
    ConvGeometry grouped = new ConvGeometry(3, 1, 1, 1, 1, 1, 1, 1, 1);
    cases.add(of(new Conv2d(same), bf16(2, 7, 5, 33), f32(17, 33, 3, 3)).notSmooth());
    cases.add(of(new Conv2d(same), bf16(1, 9, 8, 4), f32(32, 4, 3, 3)).notSmooth());
    cases.add(of(new Conv2d(same), bf16(2, 16, 16, 64), f32(64, 64, 3, 3), f32(64)).notSmooth());
    cases.add(of(new Conv2d(same), bf16(1, 9, 8, 5), f32(75, 5, 3, 3), f32(75)).notSmooth());
    cases.add(of(new Conv2d(same), bf16(1, 3, 3, 67), f32(40, 67, 3, 3)).notSmooth());
    cases.add(of(new Conv2d(ConvGeometry.square(1, 0)), bf16(1, 5, 7, 33), f32(17, 33, 1, 1)).notSmooth());
    cases.add(of(new Conv2d(ConvGeometry.square(2, 1)), bf16(2, 7, 4, 3), f32(5, 3, 3, 3)).notSmooth());
    cases.add(of(new Conv2d(grouped), bf16(2, 3, 4, 6), f32(9, 2, 3, 3)).notSmooth());
    cases.add(of(new Conv2dInputGrad(ConvGeometry.square(2, 1), 4, 6), bf16(1, 2, 3, 3), f32(3, 2, 4, 4)).notSmooth());
    return cases;
  }

  private static List<OpCase> transposed() {
    List<OpCase> cases = new ArrayList<>();
    ConvGeometry twice = ConvGeometry.square(2, 1);
    cases.add(of(new Conv2dInputGrad(twice, 4, 6), f32(1, 2, 3, 3), f32(3, 2, 4, 4)));
    cases.add(of(new Conv2dInputGrad(twice, 6, 10), f32(2, 3, 5, 17), f32(17, 33, 3, 3)));
    cases.add(of(new Conv2dInputGrad(ConvGeometry.square(1, 0), 1, 1), f32(1, 1, 1, 3), f32(3, 1, 1, 1)));
    ConvGeometry grouped = new ConvGeometry(2, 1, 1, 1, 1, 0, 0, 0, 0);
    cases.add(of(new Conv2dInputGrad(grouped, 4, 5), f32(1, 2, 3, 6), f32(6, 2, 3, 3)));
    return cases;
  }

  private static List<OpCase> resizes() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(of(new UpsampleNearest(4, 6), f32(2, 2, 3, 1)));
    cases.add(of(new UpsampleNearest(14, 10), f32(1, 7, 5, 33)));
    cases.add(of(new UpsampleNearest(9, 15), f32(2, 5, 7, 3)));
    cases.add(of(new UpsampleNearest(3, 5), f32(1, 1, 1, 17)));
    cases.add(of(new UpsampleNearest(2, 3), f32(1, 5, 4, 3)));
    cases.add(of(new AvgPool2d(2, 2), f32(2, 7, 4, 3)));
    cases.add(of(new AvgPool2d(3, 1), f32(1, 5, 3, 17)));
    cases.add(of(new AvgPool2d(2, 3), f32(1, 7, 8, 1)));
    cases.add(of(new AvgPool2d(1, 1), f32(1, 1, 1, 33)));
    return cases;
  }
}
