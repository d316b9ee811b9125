using System.Diagnostics;
using Sconce.Nn;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Generation;

/// <summary>
/// The descent of a painting in cells of 128 pixels, from coarse to fine, from strokes that both sides read; bench/peer/painting.py is the
/// same in PyTorch. By formula as <c>sconce paint</c> without weights, and by the paper's network.
/// </summary>
internal sealed class PaintingGroup : BenchGroup
{
    private const int Side = 128, Passes = 5;

    // 9 strokes in each of 55 cells are about 500; the network, which costs more, lays one.
    private static readonly (string Name, string Title, int Strokes, int Steps)[] Rows =
    [
        ("formula", "painting, 500 strokes at 128, by formula", 9, 2),
        ("network", "painting, 55 strokes at 128, by the paper's network", 1, 4),
    ];

    internal override string Name => "painting";

    internal override string About => "the descent of 500 oil strokes at 128 px, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        foreach (var (name, title, strokes, steps) in Rows)
        {
            string[] task = [name, $"{strokes}", $"{steps}", table.Folder];
            BenchTable.Own([Name, "prepare", .. task]);
            table.Row(title, () => BenchTable.Own([Name, .. task]), () => BenchTable.Peer("painting.py", task), 1.2);
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var strokes, _, var folder] => Prepare(name, int.Parse(strokes), folder),
        [var name, var strokes, var steps, var folder] => Paint(name, int.Parse(strokes), int.Parse(steps), folder),
        _ => throw Unknown(task),
    };

    private static StrokeRenderer Create(string name) =>
        name == "formula" ? new AnalyticRenderer(Brush.Oil, Side) : new FusionRenderer(Brush.Oil);

    private static Measured Prepare(string name, int strokes, string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var renderer = Create(name);
        // Statistics of noise: with those of a new network the shading's numbers die out on the way.
        foreach (var (_, module) in renderer.NamedModules())
        {
            if (module is BatchNorm norm) norm.Momentum = null;
        }

        using (Gradients.Off()) renderer.Call(Tensor.Rand([64, Brush.Oil.Width]));
        if (name != "formula") ModelWeights.Save(renderer, Path.Combine(folder, "renderer.pth"));
        for (int pass = 1; pass <= Passes; pass++)
        {
            var photo = Tensor.Rand([3, 8, 8]).Unsqueeze(0).UpsampleBilinear2d([pass * Side, pass * Side], false).Squeeze(0);
            Worker.Save(Path.Combine(folder, $"target-{pass}.npy"), new StrokeGrid(pass, pass).Cut(photo, Side));
            Worker.Save(Path.Combine(folder, $"strokes-{pass}.npy"), Tensor.Rand([pass * pass, strokes, Brush.Oil.Width]));
        }

        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Paint(string name, int each, int steps, string folder)
    {
        using var scope = new TensorScope();
        using var renderer = Create(name);
        if (name != "formula") ModelWeights.Load(renderer, Path.Combine(folder, "renderer.pth"));
        renderer.Eval();
        renderer.RequireGrad(false);
        double[] losses = [];
        double seconds = 0;
        for (int pass = 1; pass <= Passes; pass++)
        {
            Tensor target = Worker.Load(Path.Combine(folder, $"target-{pass}.npy")),
                strokes = Worker.Load(Path.Combine(folder, $"strokes-{pass}.npy"));
            strokes.RequiresGrad = true;
            long start = Stopwatch.GetTimestamp();
            using var descent = new StrokeDescent(renderer, strokes, target.ZerosLike(), target);
            for (int anchor = 1; anchor <= each; anchor++)
            {
                for (int step = 0; step < steps; step++)
                {
                    using var taken = new TensorScope();
                    double loss = descent.Step(anchor).Item<double>();
                    if (step == steps - 1) losses = [.. losses, loss];
                }

                // where the next stroke would be placed
                using var noGrad = Gradients.Off();
                using var laid = new TensorScope();
                descent.Painted(anchor);
            }

            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return new Measured { Seconds = seconds, Losses = losses };
    }
}
