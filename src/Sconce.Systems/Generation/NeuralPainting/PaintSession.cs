using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Paints: by a trained renderer where weights were named, else by formula.</summary>
public sealed class PaintSession : Session<Picture, PaintAnswer, PaintSettings>
{
    // A renderer by formula has no size of its own; this one is quick, and coarse cells need no more.
    private const int Side = 32;
    private const int FrameRate = 24;

    // Larger frames take long and are played by little.
    private const int LargestFrame = 1920;
    private readonly OpenRequest request;
    private readonly StrokeRenderer? trained;
    private bool isFilmed;

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
        if (settings.Timelapse is not null && (isFilmed || inputs.Count > 1))
            throw new SettingsException("timelapse", called => $"{called} is one clip: paint one photo at a time with it");
        isFilmed = settings.Timelapse is not null;
        var mark = MarkOf(settings, brush);
        using var style = StyleOf(settings);
        using var formula = trained is null ? new AnalyticRenderer(brush, Side) : null;
        return [.. inputs.Select(Painted)];

        PaintAnswer Painted(Picture input)
        {
            var painter = new ProgressivePainter(trained ?? formula!, plan);
            var photo = input.Image.To8Bit().ToRgb(Rgb.White);
            var painting = painter.Paint(photo, request.Device, progress, cancellation) with { Mark = mark };
            if (style is not null) painting = style.Recoloured(painting, settings.StyleSteps, progress, cancellation);
            if (settings.Timelapse is { } clip) Film(painting, clip, settings, progress, cancellation);
            var (width, height) = SizeOf(painting, settings.CanvasSize);
            return new(new MadePicture(painting.Render(width, height)), new MadeDrawing(StrokeSvg.Write(painting)), Table(painting));
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

    private static PictureMark? MarkOf(PaintSettings settings, Brush brush)
    {
        if (settings.BrushPicture is not { } path) return null;
        if (!brush.Opaque)
            throw new SettingsException("brushPicture", called => $"{called} {path}: it is for oil, and {brush.Name} has edges by formula");
        try
        {
            return new PictureMark(Image.Load(path, new ImageOptions { Mode = ColorMode.Stored }));
        }
        catch (ArgumentException fault)
        {
            throw new SettingsException("brushPicture", called => $"{called} {path}: {fault.Message.Split(" (Parameter")[0]}");
        }
    }

    private StrokeStyle? StyleOf(PaintSettings settings)
    {
        if (settings.Style is not { } path) return null;
        if (settings.Vgg is not { } vgg)
        {
            throw new SettingsException("vgg", called =>
                $"{called} is missing: a style is compared in VGG-16's features, whose weights torchvision has (vgg16-397923af.pth)");
        }

        return new StrokeStyle(Image.Load(path), vgg, request.Device);
    }

    private static (int Width, int Height) SizeOf(StrokePainting painting, int? longer)
    {
        if (longer is not { } side) return (painting.Width, painting.Height);
        double scale = (double)side / Math.Max(painting.Width, painting.Height);
        return (Math.Max(1, (int)Math.Round(painting.Width * scale)), Math.Max(1, (int)Math.Round(painting.Height * scale)));
    }

    private static void Film(
        StrokePainting painting, string path, PaintSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int longer = Math.Min(LargestFrame, settings.CanvasSize ?? Math.Max(painting.Width, painting.Height));
        var (width, height) = SizeOf(painting, longer);
        int count = Math.Max(1, (int)Math.Round(settings.TimelapseSeconds * FrameRate));
        ClipWriter.Save(path, Frames(), FrameRate, null, cancellation);

        IEnumerable<Image> Frames()
        {
            Image? last = null;
            foreach (var (done, stage) in painting.Stages(count, width, height).Index())
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("filming", done, count));
                yield return last = stage;
            }

            for (int k = 0; k < FrameRate; k++) yield return last!;
        }
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
