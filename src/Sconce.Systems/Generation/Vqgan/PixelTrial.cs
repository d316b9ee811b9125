using Sconce.Maths;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What both of the claim's transformers have in common.</summary>
internal static class TrialGpt
{
    private const int Length = 64;

    /// <summary>Four layers of 128, for 64 tokens.</summary>
    internal static GptConfig Config(int vocabulary) =>
        new() { Vocabulary = vocabulary, Length = Length, Layers = 4, Heads = 4, Width = 128 };

    /// <summary>Some rows, with repetition.</summary>
    internal static Tensor Some(Tensor rows, int count) => rows.IndexSelect(0, Tensor.Randint(rows.Size(0), [count], DType.Int64));

    /// <summary>AdamW 1e-3 that falls by half a cosine.</summary>
    internal static void Train(
        IEnumerable<Parameter> parameters, int steps, List<double> losses, Action<string, int, int> told, Func<Tensor> loss)
    {
        using var adam = new AdamW(parameters, 1e-3, 0.9, 0.95, weightDecay: 0.01);
        var schedule = LearningRateSchedule.Cosine(1e-3, steps);
        for (int step = 0; step < steps; step++)
        {
            told("transformer", step, steps);
            using var scope = new TensorScope();
            adam.LearningRate = schedule.At(step);
            adam.ZeroGrad();
            var value = loss();
            value.Backward();
            adam.Step();
            losses.Add(value.Item<double>());
        }
    }
}

/// <summary>
/// The same transformer over pixels of a palette, told by learned vectors in which row and column of the picture each stands.
/// </summary>
internal sealed partial class PlacedGpt : Module
{
    private const int Window = 8;

    internal Gpt Gpt { get; } = new(TrialGpt.Config(PixelTrial.Colours + 1));

    internal Embedding Rows { get; } = new(PairedObjects.Side, 128);

    internal Embedding Columns { get; } = new(PairedObjects.Side, 128);

    /// <summary>Logits behind each token of windows that begin with a start token: <c>(N, t) -> (N, t, Colours + 1)</c>.</summary>
    /// <param name="tokens">The start token, and the first pixels.</param>
    /// <param name="top">The windows' first rows, <c>(N)</c>.</param>
    /// <param name="left">Their first columns, <c>(N)</c>.</param>
    internal Tensor Logits(Tensor tokens, Tensor top, Tensor left)
    {
        using var scope = new TensorScope();
        var place = (Tensor.Arange(tokens.Size(1), dtype: DType.Int64) - 1).ClampMin(0);
        var row = top.Unsqueeze(1) + place.Div(Window, roundingMode: "floor");
        var column = left.Unsqueeze(1) + (place % Window);
        return scope.Keep(Gpt.ReadVectors(Gpt.Embed(tokens) + Rows.Call(row) + Columns.Call(column)));
    }
}

/// <summary>The claim's baseline: as many pixels as the method has codes, in a window that slides over the picture.</summary>
internal sealed class PixelTrial : IDisposable
{
    internal const int Colours = 64;
    private const int Window = 8, Sampled = 4096, Lloyd = 5, Side = PairedObjects.Side;
    private readonly PlacedGpt network = new();
    private Tensor? palette;

    /// <summary>The transformer's loss, step by step.</summary>
    internal List<double> Losses { get; } = [];

    private static int Range => Side - Window + 1;

    public void Dispose()
    {
        palette?.Dispose();
        network.Dispose();
    }

    /// <summary>Learns windows of pictures.</summary>
    internal void Train(Tensor pictures, TrialLength length, Action<string, int, int> told)
    {
        using var scope = new TensorScope();
        var pixels = pictures.Permute([0, 2, 3, 1]).Reshape([-1, 3]);
        var some = TrialGpt.Some(pixels, Sampled);
        palette = scope.KeepForever(KMeans.Refined(some, KMeans.Seeds(some, Colours), Lloyd));
        var grids = KMeans.Nearest(pixels, palette).View([-1, Side, Side]);
        TrialGpt.Train(network.Parameters(), length.GptSteps, Losses, told, () =>
        {
            int count = TrialLength.Batch;
            Tensor top = Tensor.Randint(Range, [count], DType.Int64), left = Tensor.Randint(Range, [count], DType.Int64);
            var tokens = Windows(TrialGpt.Some(grids, count), top, left);
            var start = Tensor.Full([count, 1], Colours, DType.Int64);
            var logits = network.Logits(Tensor.Cat([start, tokens.Narrow(1, 0, tokens.Size(1) - 1)], 1), top, left);
            return Functional.CrossEntropy(logits.Flatten(0, 1), tokens.Flatten());
        });
    }

    /// <summary>New pictures, pixel by pixel, each from the window in whose middle it stands.</summary>
    internal Tensor Paint(int count, Action<string, int, int> told)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var grid = Tensor.Zeros([count, Side, Side], DType.Int64);
        var start = Tensor.Full([count, 1], Colours, DType.Int64);
        var sampler = new TokenSampler();
        for (int place = 0; place < Side * Side; place++)
        {
            if (place % Side == 0) told("painting", place, Side * Side);
            using var step = new TensorScope();
            int row = place / Side, column = place % Side;
            int top = row - CodeSampling.Local(row, Side, Window), left = column - CodeSampling.Local(column, Side, Window);
            int seen = ((row - top) * Window) + column - left;
            var before = grid.Narrow(1, top, Window).Narrow(2, left, Window).Flatten(1).Narrow(1, 0, seen);
            var logits = network.Logits(
                Tensor.Cat([start, before], 1), Tensor.Full([count], top, DType.Int64), Tensor.Full([count], left, DType.Int64));
            grid[.., row, column] = sampler.Draw(logits.Select(1, -1).Narrow(1, 0, Colours)).Squeeze(1);
        }

        return scope.Keep(palette!.IndexSelect(0, grid.Flatten()).View([count, Side, Side, 3]).Permute([0, 3, 1, 2]).Contiguous());
    }

    /// <summary>A window of each grid: <c>(N, 32, 32) -> (N, 64)</c>.</summary>
    private static Tensor Windows(Tensor grids, Tensor top, Tensor left)
    {
        var place = Tensor.Arange(Window * Window, dtype: DType.Int64);
        var flat = ((top.Unsqueeze(1) + place.Div(Window, roundingMode: "floor")) * Side) + left.Unsqueeze(1) + (place % Window);
        return grids.Flatten(1).Gather(1, flat);
    }
}
