package kiln.data.typeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Rectangle2D;
import org.junit.jupiter.api.Test;

class CurveTest {
  private static double[] at(Curve curve, double x, double y) {
    double[] to = new double[2];
    curve.bend(x, y, to);
    return to;
  }

  @Test
  void shouldKeepLengthsAlongTheBaselineOfAnArc() {
    for (boolean up : new boolean[] {true, false}) {
      Curve arc = new Curve.Arc(500, 400, up);
      double length = 0;
      for (int x = 0; x < 1000; x++) {
        double[] a = at(arc, x, 0);
        double[] b = at(arc, x + 1, 0);
        length += Math.hypot(b[0] - a[0], b[1] - a[1]);
      }
      assertEquals(1000, length, 0.01);
      assertEquals(up, at(arc, 0, 0)[1] > at(arc, 500, 0)[1], "the ends are lower if it is bent up");
    }
  }

  @Test
  void shouldStandUprightOnTheBaseline() {
    for (Curve curve : new Curve[] {new Curve.Arc(500, 400, true), new Curve.Arc(500, 400, false), new Curve.Wave(60, 900, 1)}) {
      for (double x : new double[] {0, 130, 500, 870}) {
        double[] foot = at(curve, x, 0);
        double[] head = at(curve, x, -100);
        double angle = curve.angle(x);
        assertEquals(foot[0] + 100 * Math.sin(angle), head[0], 1e-9, curve + " x=" + x);
        assertEquals(foot[1] - 100 * Math.cos(angle), head[1], 1e-9, curve + " x=" + x);
        double[] next = at(curve, x + 1e-5, 0);
        assertEquals(angle, Math.atan2(next[1] - foot[1], next[0] - foot[0]), 1e-4, curve + " x=" + x);
      }
    }
  }

  @Test
  void shouldBendStraightEdges() {
    Rectangle2D bar = new Rectangle2D.Double(0, -20, 1000, 20);
    Rectangle2D bent = new Curve.Arc(500, 400, true).bend(bar).getBounds2D();
    assertTrue(bent.getHeight() > 200, "height=" + bent.getHeight());
  }
}
