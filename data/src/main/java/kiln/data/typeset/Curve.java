package kiln.data.typeset;

import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;

/**
 * A baseline that is not straight. Outlines are bent along it, point by point, so that letters that join stay joined; straight
 * edges are cut in pieces first, to bend as well.
 */
public sealed interface Curve {
  /** Pieces of a straight edge. */
  int PIECES = 4;

  /**
   * Where a point of the straight line goes.
   *
   * @param x along the baseline
   * @param y below the baseline
   * @param to takes x and y
   */
  void bend(double x, double y, double[] to);

  /** Angle of the baseline at a place along it, radians, clockwise as y goes down. */
  double angle(double x);

  /**
   * Part of a circle whose top or bottom is the middle of the line.
   *
   * @param middle of the line, along it
   * @param radius of the baseline
   * @param up whether the middle is higher than the ends
   */
  record Arc(double middle, double radius, boolean up) implements Curve {
    @Override
    public void bend(double x, double y, double[] to) {
      double angle = (x - middle) / radius;
      double distance = up ? radius - y : radius + y;
      to[0] = distance * StrictMath.sin(angle);
      to[1] = up ? radius - distance * StrictMath.cos(angle) : distance * StrictMath.cos(angle) - radius;
    }

    @Override
    public double angle(double x) {
      return up ? (x - middle) / radius : (middle - x) / radius;
    }
  }

  /**
   * A sine.
   *
   * @param height from the middle to a crest
   * @param length of a wave
   * @param phase radians
   */
  record Wave(double height, double length, double phase) implements Curve {
    @Override
    public void bend(double x, double y, double[] to) {
      double angle = angle(x);
      to[0] = x - y * StrictMath.sin(angle);
      to[1] = height * StrictMath.sin(turn(x)) + y * StrictMath.cos(angle);
    }

    @Override
    public double angle(double x) {
      return StrictMath.atan(height * 2 * Math.PI / length * StrictMath.cos(turn(x)));
    }

    private double turn(double x) {
      return 2 * Math.PI * x / length + phase;
    }
  }

  /** The bent outline. */
  default Path2D bend(Shape outline) {
    Path2D bent = new Path2D.Double(Path2D.WIND_NON_ZERO);
    double[] c = new double[6];
    double[] a = new double[2];
    double[] b = new double[2];
    double[] e = new double[2];
    double x = 0;
    double y = 0;
    double startX = 0;
    double startY = 0;
    for (PathIterator path = outline.getPathIterator(null); !path.isDone(); path.next()) {
      switch (path.currentSegment(c)) {
        case PathIterator.SEG_MOVETO -> {
          bend(c[0], c[1], a);
          bent.moveTo(a[0], a[1]);
          startX = x = c[0];
          startY = y = c[1];
        }
        case PathIterator.SEG_LINETO -> {
          line(bent, x, y, c[0], c[1], a);
          x = c[0];
          y = c[1];
        }
        case PathIterator.SEG_QUADTO -> {
          bend(c[0], c[1], a);
          bend(c[2], c[3], b);
          bent.quadTo(a[0], a[1], b[0], b[1]);
          x = c[2];
          y = c[3];
        }
        case PathIterator.SEG_CUBICTO -> {
          bend(c[0], c[1], a);
          bend(c[2], c[3], b);
          bend(c[4], c[5], e);
          bent.curveTo(a[0], a[1], b[0], b[1], e[0], e[1]);
          x = c[4];
          y = c[5];
        }
        default -> {
          if (x != startX || y != startY) {
            line(bent, x, y, startX, startY, a);
          }
          bent.closePath();
          x = startX;
          y = startY;
        }
      }
    }
    return bent;
  }

  private void line(Path2D bent, double x, double y, double endX, double endY, double[] to) {
    for (int i = 1; i <= PIECES; i++) {
      double t = (double) i / PIECES;
      bend(x + t * (endX - x), y + t * (endY - y), to);
      bent.lineTo(to[0], to[1]);
    }
  }
}
