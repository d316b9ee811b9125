using System.Globalization;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Gives a painting's strokes the colours of another picture, by its style in VGG-16's features (2011.08114 §3.5, colours alone: shapes
/// stay as they were found). With fixed shapes a painting is linear in its colours: each pixel is a sum of them, whose weights are drawn
/// once, by formula.
/// </summary>
/// <param name="style">Which picture's colours.</param>
/// <param name="vgg">VGG-16's checkpoint, torchvision's.</param>
/// <param name="device">Where it is computed.</param>
public sealed class StrokeStyle(Image style, string vgg, Device device) : IDisposable
{
    private const int Side = 128, Chunk = 64, SecondSize = 4, Ends = 9;
    private const double Rate = 0.02, StyleCounts = 0.5;
    private readonly VggComparison comparison = Loaded(vgg, device);

    /// <summary>The painting in other colours.</summary>
    /// <param name="painting">As it was found.</param>
    /// <param name="steps">Of the descent.</param>
    /// <param name="progress">Told at every step.</param>
    /// <param name="cancellation">Ends it.</param>
    public StrokePainting Recoloured(
        StrokePainting painting, int steps, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(painting);
        if (painting.Strokes.Count == 0) return painting;
        using var scope = new TensorScope();
        var (weights, ground) = Weights(painting);
        var colours = Colours(painting).To(device);
        var target = Picture(colours, weights, ground).Detach();
        var liked = style.To8Bit().ToRgb(Rgb.White).ToTensor().Unsqueeze(0).To(device);
        colours.RequiresGrad = true;
        using var optimizer = new Adam([colours], Rate);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("taking on the style", step, steps));
            using var taken = new TensorScope();
            colours.Grad = null;
            var picture = Picture(colours, weights, ground);
            var loss = PaintingLosses.Pixels(picture, target, ignoreColour: true) + (comparison.Style(picture, liked) * StyleCounts);
            Gradients.Backward([loss]);
            optimizer.Step();
            using var noGrad = Gradients.Off();
            colours.ClampInPlace(0.0, 1.0);
        }

        return painting with { Strokes = Coloured(painting, colours.Detach().Cpu().ToArray<float>()) };
    }

    /// <inheritdoc/>
    public void Dispose() => comparison.Dispose();

    private static VggComparison Loaded(string vgg, Device device)
    {
        var network = VggComparison.OfStyle(texture: false);
        try
        {
            ModelWeights.Load(network, vgg, new LoadOptions { Rename = Renamed });
            network.Eval();
            network.RequireGrad(false);
            network.To(device);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }

        // torchvision's features.N; of those only the layers of the two largest sizes are compared.
        static string? Renamed(string key)
        {
            if (key.StartsWith("classifier.", StringComparison.Ordinal)) return null;
            string[] parts = key.Split('.');
            if (parts is not ["features", var text, var last]) return key;
            if (!int.TryParse(text, CultureInfo.InvariantCulture, out int number)) return key;
            return number >= Ends ? null : $"blocks.{(number < SecondSize ? 0 : 1)}.{number}.{last}";
        }
    }

    private static Tensor Picture(Tensor colours, Tensor weights, Tensor ground)
    {
        var flat = colours.Transpose(0, 1).Matmul(weights.Flatten(1)); // (3, pixels)
        return flat.Reshape([1, 3, weights.Size(1), weights.Size(2)]) + ground;
    }

    /// <summary>The colours of all strokes, one after the other, <c>(strokes x colours, 3)</c>.</summary>
    private static Tensor Colours(StrokePainting painting)
    {
        var brush = painting.Brush;
        float[] all = [.. painting.Strokes.SelectMany(stroke => stroke[brush.ShapeWidth..(brush.ShapeWidth + brush.ColourWidth)])];
        return Tensor.From(all, [all.Length / 3, 3]);
    }

    private static List<float[]> Coloured(StrokePainting painting, float[] colours)
    {
        var brush = painting.Brush;
        return
        [
            .. painting.Strokes.Select((stroke, k) =>
            {
                float[] coloured = [.. stroke];
                colours.AsSpan(k * brush.ColourWidth, brush.ColourWidth).CopyTo(coloured.AsSpan(brush.ShapeWidth));
                return coloured;
            }),
        ];
    }

    /// <summary>How much of each colour every pixel shows, <c>(strokes x colours, H, W)</c>, and the ground, <c>(1, 3, H, W)</c>.</summary>
    private (Tensor Weights, Tensor Ground) Weights(StrokePainting painting)
    {
        using var noGrad = Gradients.Off();
        int longer = Math.Max(painting.Width, painting.Height), colours = painting.Brush.ColourWidth / 3;
        int height = Math.Max(1, Side * painting.Height / longer), width = Math.Max(1, Side * painting.Width / longer);
        using var renderer = new AnalyticRenderer(painting.Brush, Side, Side / 2.0);
        renderer.To(device);
        var rest = Tensor.Full([height, width], 1.0, DType.Float32).To(device); // what still shines through from below
        var shown = new Tensor[painting.Strokes.Count];
        foreach (int[] places in Enumerable.Range(0, shown.Length).Chunk(Chunk).Reverse())
        {
            var drawn = renderer.Call(OnSquare(painting, places, (double)Math.Min(painting.Width, painting.Height) / longer));
            var cover = drawn.Alpha[.., 0].Narrow(1, 0, height).Narrow(2, 0, width);
            var first = drawn.Foreground[.., 0].Narrow(1, 0, height).Narrow(2, 0, width); // painted with 1 and, where it ends, with 0
            for (int k = places.Length - 1; k >= 0; k--)
            {
                var seen = cover[k] * rest;
                rest = rest * (1 - cover[k]);
                shown[places[k]] = colours == 1 ? seen.Unsqueeze(0) : Tensor.Stack([seen * first[k], seen * (1 - first[k])]);
            }
        }

        float[] empty = [painting.Ground.R / 255f, painting.Ground.G / 255f, painting.Ground.B / 255f];
        return (Tensor.Cat(shown, 0), rest * Tensor.From(empty, [1, 3, 1, 1]).To(device));
    }

    /// <summary>Some strokes on a square as wide as the longer side, white where they begin and black where they end.</summary>
    private Tensor OnSquare(StrokePainting painting, int[] places, double shorter)
    {
        var brush = painting.Brush;
        int[] scaled = [.. brush.Columns, .. brush.Rows, .. brush.Sizes];
        var all = new float[places.Length * brush.Width];
        foreach (var (row, place) in places.Index())
        {
            var own = all.AsSpan(row * brush.Width, brush.Width);
            painting.Strokes[place].CopyTo(own);
            foreach (int number in scaled) own[number] *= (float)shorter;
            own.Slice(brush.ShapeWidth, brush.ColourWidth).Clear();
            own.Slice(brush.ShapeWidth, 3).Fill(1);
        }

        return Tensor.From(all, [places.Length, brush.Width]).To(device);
    }
}
