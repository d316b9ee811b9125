using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>A renderer imitates the engine on strokes drawn at random: 100 times the mean of both squared errors. imitator.py.</summary>
/// <param name="player">Over a <see cref="StrokeRenderer"/>.</param>
/// <param name="settings">How many strokes are asked about.</param>
/// <param name="device">Where it is.</param>
internal sealed class RendererProgram(Player player, RendererSettings settings, Device device) : LossProgram<RowBatch>(player)
{
    private const int Shown = 8;
    private const double Scale = 100;
    private readonly StrokeRenderer network = (StrokeRenderer)player.Network;

    public override string Items => "strokes";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        var strokes = Tensor.Rand([batch.Rows.Length, network.Brush.Width]);
        var wanted = StrokeExamples.Draw(network.Brush, strokes, network.Side);
        var drawn = network.Call(strokes.To(device));
        return (Error(drawn.Foreground, wanted.Foreground) + Error(drawn.Alpha, wanted.Alpha)) * (Scale / 2);
    }

    /// <summary>The mean of paint's and cover's signal-to-noise ratio, in decibels.</summary>
    public FigureSet Evaluate(CancellationToken cancellation)
    {
        using var generator = new Generator(settings.Run.Seed);
        using var noGrad = Gradients.Off();
        double foreground = 0, alpha = 0;
        for (int done = 0; done < settings.Judged; done += settings.Run.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            int count = Math.Min(settings.Run.Batch, settings.Judged - done);
            var strokes = Tensor.Rand([count, network.Brush.Width], generator);
            var wanted = StrokeExamples.Draw(network.Brush, strokes, network.Side);
            var drawn = network.Call(strokes.To(device));
            foreground += Error(drawn.Foreground, wanted.Foreground).Item<double>() * count;
            alpha += Error(drawn.Alpha, wanted.Alpha).Item<double>() * count;
        }

        return new FigureSet { { RendererMethod.Ratio, (Decibels(foreground) + Decibels(alpha)) / 2 } };

        double Decibels(double sum) => -10 * Math.Log10(Math.Max(sum / settings.Judged, 1e-12));
    }

    /// <summary>Strokes of the engine, paint over cover.</summary>
    public Image Draw()
    {
        using var scope = new TensorScope();
        var wanted = StrokeExamples.Draw(network.Brush, Tensor.Rand([Shown, network.Brush.Width]), network.Side);
        return ImageGrid.Create([.. Cells(wanted.Foreground), .. Cells(wanted.Alpha)], Shown);
    }

    /// <summary>The engine's paint, the network's, the engine's cover, the network's.</summary>
    protected override void WriteSamples(SampleFolder samples)
    {
        var strokes = Tensor.Rand([Shown, network.Brush.Width], samples.Generator);
        var wanted = StrokeExamples.Draw(network.Brush, strokes, network.Side);
        var drawn = network.Call(strokes.To(device));
        ImageGrid.Create(
            [.. Cells(wanted.Foreground), .. Cells(drawn.Foreground), .. Cells(wanted.Alpha), .. Cells(drawn.Alpha)], Shown)
            .Save(samples.File("strokes.png"));
    }

    private Tensor Error(Tensor drawn, Tensor wanted) => (drawn - wanted.To(device)).Square().Mean();

    private static List<Image> Cells(Tensor strokes) => PaintedPictures.Of((strokes * 2) - 1);
}
