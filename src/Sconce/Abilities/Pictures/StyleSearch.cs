using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>
/// Seeks the styles that paint a given picture, a style for each layer, by gradient: the picture and its halvings down to 8 pixels are to
/// be alike. 1904.03189, without a perceptual network.
/// </summary>
/// <param name="network">Paints styles.</param>
/// <param name="name">For errors.</param>
/// <param name="mean">The mean style, <c>(1, style)</c>, where the first search begins.</param>
/// <param name="draw">A style of drawn numbers, <c>(1, style)</c>, where the others do.</param>
internal sealed class StyleSearch(IStyleNetwork network, string name, Tensor mean, Func<Generator, Tensor> draw)
{
    private const double Rate = 0.05, DrawnShare = 0.5;
    private const int Coarsest = 8;

    /// <summary>The picture, the nearest that was found, its styles, and what is left of the difference.</summary>
    public GeneratedPictures Find(
        Image picture, ProjectSettings settings, ulong seed, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(seed);
        var target = Target(picture);
        Tensor? best = null;
        double least = double.PositiveInfinity;
        for (int start = 0; start < settings.ProjectStarts; start++)
        {
            var style = start == 0 ? mean : mean.Lerp(Drawn(generator), DrawnShare);
            var told = new Steps(progress, start * settings.ProjectSteps, settings.ProjectStarts * settings.ProjectSteps);
            var (found, loss) = Search(target, style, settings.ProjectSteps, told, cancellation);
            if (loss < least) (best, least) = (found, loss);
        }

        if (best is null) throw new UsageException($"{name}: the search for the picture's styles came to no numbers; take another start");
        using var noGrad = Gradients.Off();
        var painted = network.Paint(best);
        return new GeneratedPictures(
            new MadePictures(PaintedPictures.Of(Tensor.Cat([target, painted], 0))) { Count = 2, HasSheet = true })
        {
            Styles = new MadeTable(Table(best[0])),
            Error = Error(target, painted),
        };
    }

    private static Table Table(Tensor styles)
    {
        using var scope = new TensorScope();
        var columns = styles.T().To(Device.Cpu, DType.Float64).Contiguous();
        int layers = (int)columns.Size(1);
        double[] layer = [.. Enumerable.Range(0, layers).Select(number => (double)number)];
        var numbers = columns.ToArray<double>().Chunk(layers).Select((values, k) => new TableColumn($"w{k}", values));
        return new Table("styles", [new TableColumn("layer", layer), .. numbers]);
    }

    private Tensor Drawn(Generator generator)
    {
        using var noGrad = Gradients.Off();
        return draw(generator);
    }

    /// <summary>The middle of the picture, as the network would paint it.</summary>
    private Tensor Target(Image picture)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var own = network.Paint(mean.Unsqueeze(1).Repeat([1, network.StyleCount, 1]));
        int side = (int)own.Size(2);
        var seen = ImagePreprocessing.Symmetric(side, 1).Apply(picture.To8Bit().ToRgb(Rgb.White));
        var target = seen.Reshape([1, 3, side, side]).To(own.Device);
        return scope.Keep(own.Size(1) == 1 ? target.Mean([1], keepdim: true) : target);
    }

    private (Tensor Styles, double Loss) Search(Tensor target, Tensor style, int steps, Steps told, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var styles = new Parameter(style.Detach().Unsqueeze(1).Repeat([1, network.StyleCount, 1]).Clone());
        using var adam = new Adam([styles], Rate);
        double loss = double.NaN;
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            // Large steps first: the rate falls along a cosine.
            adam.LearningRate = Rate * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            var difference = Difference(network.Paint(styles), target);
            styles.Grad = Gradients.Of([difference], [styles])[0];
            adam.Step();
            loss = difference.Item<double>();
            told.At(step, loss);
        }

        return (scope.Keep(styles.Detach().Clone()), double.IsFinite(loss) ? loss : double.PositiveInfinity);
    }

    /// <summary>The mean square over the picture, over its halving, and so on.</summary>
    private static Tensor Difference(Tensor painted, Tensor target)
    {
        var gap = painted - target;
        var sum = gap.Square().Mean();
        int levels = 1;
        for (; gap.Size(2) > Coarsest; levels++)
        {
            gap = gap.AvgPool2d([2, 2]);
            sum = sum + gap.Square().Mean();
        }

        return sum / levels;
    }

    /// <summary>Root mean squares, whole and by band: what a network cannot paint is often fine detail alone.</summary>
    private static Rows Error(Tensor target, Tensor painted)
    {
        using var scope = new TensorScope();
        using var haar = new HaarTransform();
        haar.To(target.Device);
        List<IReadOnlyList<object?>> rows = [["all", Root(painted - target), Root(target)]];
        Tensor[] gaps = haar.Call(painted - target).Chunk(4, 1), bands = haar.Call(target).Chunk(4, 1);
        string[] names = ["means", "rows' differences", "columns' differences", "both"];
        for (int k = 0; k < names.Length; k++) rows.Add([names[k], Root(gaps[k]), Root(bands[k])]);
        return new Rows(["band", "error", "picture"], rows);
    }

    private static object? Root(Tensor values) => Math.Round(Math.Sqrt(values.Square().Mean().Item<double>()), 4);

    private sealed class Steps(IProgress<WorkProgress>? progress, int before, int all)
    {
        public void At(int step, double loss) =>
            progress?.Report(new WorkProgress("searching", before + step, all, FormattableString.Invariant($"difference {loss:0.0000}")));
    }
}
