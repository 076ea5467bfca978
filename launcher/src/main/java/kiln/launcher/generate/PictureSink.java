package kiln.launcher.generate;

import java.awt.image.BufferedImage;

/** Takes pictures as they are finished. */
@FunctionalInterface
interface PictureSink {
  /**
   * @param place of what was asked for, from 0 on; not in order
   */
  void take(int place, BufferedImage picture);
}
