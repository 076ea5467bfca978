package kiln.launcher.generate;

import kiln.model.pipeline.DrawingListener;
import kiln.model.pipeline.PlanSizes;

/** What a pipeline tells, reported to the user, and its pictures, handed on. */
record PaintListener(Canvas canvas, ModelMemory memory, DrawingReport report, PictureSink sink)
    implements DrawingListener {
  @Override
  public void planned(PlanSizes sizes) {
    report.planned(memory.weights(), sizes, memory.peak(sizes));
  }

  @Override
  public void stepped(int done, int total) {
    report.stepped(done, total);
  }

  @Override
  public void drawn(int place, byte[] rgb) {
    sink.take(place, Drawing.image(rgb, canvas.height(), canvas.width()));
  }
}
