using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>How a photo is painted.</summary>
public sealed record PaintingPlan
{
    /// <summary>The most strokes.</summary>
    public int Strokes { get; init; } = 500;

    /// <summary>Passes over the photo: the first over all of it, each next in finer cells.</summary>
    public int Passes { get; init; } = 5;

    /// <summary>Steps of the optimiser in each pass.</summary>
    public int Steps { get; init; } = 500;

    /// <summary>
    /// What optimal transport counts beside the pixels' differences, officially 0.1; 0 leaves it out, which is many times faster.
    /// </summary>
    public double Transport { get; init; }

    /// <summary>What everything is drawn from.</summary>
    public int Seed { get; init; }

    /// <summary>The colour of the empty canvas.</summary>
    public Rgb Ground { get; init; } = Rgb.Black;
}

/// <summary>
/// Finds the strokes of a photo by gradient descent, from coarse to fine. 2011.08114 §3.4; jiupinjia/stylized-neural-painting@e7a66b2
/// demo_prog.py, painter.py <c>ProgressivePainter</c>. Unlike there, cells follow the photo's proportions.
/// </summary>
public sealed class ProgressivePainter
{
    private readonly StrokeRenderer renderer;
    private readonly PaintingPlan plan;
    private readonly Random random;

    /// <summary>Paints nothing yet.</summary>
    /// <param name="renderer">Draws strokes with a gradient; in evaluation. It is not disposed.</param>
    /// <param name="plan">How.</param>
    public ProgressivePainter(StrokeRenderer renderer, PaintingPlan plan) =>
        (this.renderer, this.plan, random) = (renderer, plan, new Random(plan.Seed));

    /// <summary>Paints a photo.</summary>
    /// <param name="photo">8-bit RGB.</param>
    /// <param name="device">Where the renderer is.</param>
    /// <param name="progress">Told at every anchor.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The strokes, on a canvas of the photo's size.</returns>
    public StrokePainting Paint(Image photo, Device device, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var grids = Grids(photo.Width, photo.Height);
        int each = Math.Max(1, plan.Strokes / grids.Sum(grid => grid.Cells));
        var painting = new StrokePainting(renderer.Brush, [], photo.Width, photo.Height, plan.Ground);
        for (int pass = 0; pass < grids.Count; pass++)
        {
            var grid = grids[pass];
            int done = pass * each;
            painting = painting with
            {
                Strokes = [.. painting.Strokes, .. Pass(photo, painting, grid, each, device, Tell, cancellation)],
            };

            void Tell(int anchor) =>
                progress?.Report(new WorkProgress("painting", done + anchor, grids.Count * each, $"{grid.Rows} x {grid.Columns} cells"));
        }

        return painting;
    }

    /// <summary>As many passes as there are strokes for.</summary>
    private List<StrokeGrid> Grids(int width, int height)
    {
        var grids = new List<StrokeGrid>();
        for (int side = 1; side <= plan.Passes; side++)
        {
            var grid = StrokeGrid.Of(side, width, height);
            if (grids.Count > 0 && grids.Sum(other => other.Cells) + grid.Cells > plan.Strokes) break;
            grids.Add(grid);
        }

        return grids;
    }

    /// <summary>The strokes of one grid, in the order in which they are laid: patch by patch, shuffled, for each anchor.</summary>
    private List<float[]> Pass(
        Image photo, StrokePainting before, StrokeGrid grid, int each, Device device, Action<int> tell, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        int width = grid.Columns * renderer.Side, height = grid.Rows * renderer.Side;
        var target = grid.Cut(photo.Resize(width, height, ResizeFilter.Bilinear).ToTensor(), renderer.Side).To(device);
        var canvas = grid.Cut(before.Render(width, height).ToTensor(), renderer.Side).To(device);
        var sampler = new StrokeSampler(renderer.Brush, random);
        var strokes = sampler.Uniform(grid.Cells, each).To(device);
        strokes.RequiresGrad = true;
        using var descent = new StrokeDescent(renderer, strokes, canvas, target);
        var painted = canvas;
        for (int anchor = 0; anchor < each; anchor++)
        {
            tell(anchor);
            sampler.Place(strokes, anchor, target, painted);
            using var inner = new TensorScope();
            for (int step = 0; step < Math.Max(1, plan.Steps / each); step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var taken = new TensorScope();
                descent.Step(anchor + 1, plan.Transport > 0 ? Transported : null);
            }

            using var noGrad = Gradients.Off();
            painted = inner.Keep(descent.Painted(anchor + 1));
        }

        descent.Clamp();
        var placed = StrokeCoordinates.OnCanvas(strokes.Detach().Cpu(), renderer.Brush, grid);
        var order = Enumerable.Range(0, grid.Cells).ToArray();
        random.Shuffle(order);
        return [.. Enumerable.Range(0, each).SelectMany(anchor => order.Select(cell => placed[cell, anchor].ToArray<float>()))];

        Tensor Transported(Tensor picture) => plan.Transport * new Sinkhorn().Loss(picture, target, random.Next(3));
    }
}
