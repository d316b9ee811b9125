using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Paints: by a trained renderer where weights were named, else by formula.</summary>
public sealed class PaintSession : Session<Picture, PaintAnswer, PaintSettings>
{
    // A renderer by formula has no size of its own; this one is quick, and coarse cells need no more.
    private const int Side = 32;
    private readonly OpenRequest request;
    private readonly StrokeRenderer? trained;

    /// <summary>Loads the network, if it has weights.</summary>
    /// <param name="request">The network, its weights and device.</param>
    public PaintSession(OpenRequest request)
    {
        this.request = request;
        if (request.HasWeights) trained = request.Network<StrokeRenderer>();
        trained?.RequireGrad(false);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<PaintAnswer> Answer(
        IReadOnlyList<Picture> inputs, PaintSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var plan = new PaintingPlan
        {
            Strokes = settings.Strokes,
            Passes = settings.Passes,
            Steps = settings.Steps,
            Transport = settings.Transport,
            Seed = settings.Seed,
            Ground = settings.White ? Rgb.White : Rgb.Black,
        };
        var brush = Chosen(settings.Brush);
        using var formula = trained is null ? new AnalyticRenderer(brush, Side) : null;
        return [.. inputs.Select(Painted)];

        PaintAnswer Painted(Picture input)
        {
            var painter = new ProgressivePainter(trained ?? formula!, plan);
            var painting = painter.Paint(input.Image.To8Bit().ToRgb(Rgb.White), request.Device, progress, cancellation);
            return new(new MadePicture(painting.Render()), new MadeDrawing(StrokeSvg.Write(painting)), Table(painting));
        }
    }

    /// <inheritdoc/>
    protected override void Free() => trained?.Dispose();

    private Brush Chosen(PaintBrush? asked)
    {
        var own = request.Get<StrokePainter>().Brush;
        var brush = asked switch
        {
            PaintBrush.Oil => Brush.Oil,
            PaintBrush.Watercolor => Brush.Watercolor,
            PaintBrush.Marker => Brush.Marker,
            PaintBrush.Tape => Brush.Tape,
            _ => own,
        };
        if (trained is null || brush == own) return brush;
        throw new SettingsException("brush",
            called => $"{called}: {request.Name} learned the {own.Name}; leave {called} out, or the weights");
    }

    /// <summary>Places and sizes are in units of the shorter side, colours and opacity in [0, 1].</summary>
    private static Rows Table(StrokePainting painting)
    {
        var brush = painting.Brush;
        string[] shape = brush.Curved ? ["x0", "y0", "x1", "y1", "x2", "y2", "radius0", "radius2"] : ["x", "y", "width", "height", "angle"];
        string[] colours = brush.ColourWidth == 3 ? ["red", "green", "blue"] : ["red0", "green0", "blue0", "red2", "green2", "blue2"];
        return new(
            [.. shape, .. colours, "opacity"],
            [.. painting.Strokes.Select(stroke => stroke.Select(number => (object?)Math.Round((double)number, 5)).ToArray())]);
    }
}
