using Sconce.Data;
using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Pictures and their captions learn to point the same way; 2103.00020 figure 3.</summary>
/// <param name="model">The model.</param>
/// <param name="player">Who learns.</param>
/// <param name="device">Where the model is.</param>
internal sealed class ClipProgram(ClipModel model, Player player, Device device) : LossProgram<CaptionBatch>(player)
{
    /// <inheritdoc/>
    public override Nn.Module Product => model;

    /// <inheritdoc/>
    public override Tensor Loss(CaptionBatch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(ContrastiveLoss.Compute(
            model.EncodeImage(batch.Images.To(device)), model.EncodeText(batch.Tokens.To(device)), model.LogitScale).Loss);
    }

    /// <inheritdoc/>
    public override int Count(CaptionBatch batch) => batch.Names.Count;

    /// <inheritdoc/>
    public override string Describe(CaptionBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    protected override void Stepped(long step) => model.ClampLogitScale();
}

/// <summary>How well held-out pictures and captions find each other.</summary>
internal static class ClipEvaluation
{
    /// <summary>The names of the figures.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["recall1", "recall5", "recall1 of captions", "loss"];

    /// <summary>
    /// recall1 and recall5: the share of pictures one of whose captions is the nearest, or among the five nearest, of all; the same of
    /// captions whose picture is the nearest. The loss is that of the pairs in batches.
    /// </summary>
    /// <param name="model">The model; left in evaluation.</param>
    /// <param name="recipe">The pairs.</param>
    /// <param name="batch">Pairs a batch.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static FigureSet Run(
        ClipModel model, CaptionRecipe recipe, int batch, Device device, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        model.Eval();
        List<float[]> pictures = [], captions = [];
        double loss = 0;
        int width = 0;
        var loader = new DataLoader<CaptionRecipe.Item, CaptionBatch>(recipe, new DataLoaderOptions { BatchSize = batch });
        ClassifierEvaluation.Each(loader, See, cancellation);
        Tensor images = Stack(pictures), words = Stack(captions), cosines = images.Matmul(words.Transpose(0, 1)); // (N, N)
        string[] names = [.. Enumerable.Range(0, recipe.Count).Select(recipe.NameOf)];
        return new FigureSet
        {
            { "recall1", Recall(cosines, names, 1) },
            { "recall5", Recall(cosines, names, 5) },
            { "recall1 of captions", Recall(cosines.Transpose(0, 1), names, 1) },
            Figure.Lower("loss", loss / recipe.Count),
        };

        void See(CaptionBatch pairs)
        {
            Tensor image = model.EncodeImage(pairs.Images.To(device)), text = model.EncodeText(pairs.Tokens.To(device));
            loss += ContrastiveLoss.Compute(image, text, model.LogitScale).Loss.Item<double>() * pairs.Names.Count;
            pictures.Add(ContrastiveLoss.UnitLength(image).Float().Cpu().Contiguous().ToArray<float>());
            captions.Add(ContrastiveLoss.UnitLength(text).Float().Cpu().Contiguous().ToArray<float>());
            width = (int)image.Size(1);
            progress?.Report(new WorkProgress("evaluating", captions.Sum(part => part.Length) / width, recipe.Count));
        }

        Tensor Stack(List<float[]> parts) => Tensor.From([.. parts.SelectMany(part => part)], [recipe.Count, width]);
    }

    /// <summary>The share of rows among whose nearest columns is one of the same picture.</summary>
    private static double Recall(Tensor cosines, string[] names, int nearest)
    {
        var (_, places) = cosines.Topk(Math.Min(nearest, names.Length), 1);
        long[] found = places.Contiguous().ToArray<long>();
        int each = found.Length / names.Length;
        return Enumerable.Range(0, names.Length).Count(row =>
            found.AsSpan(row * each, each).ToArray().Any(column => names[column] == names[row]))
            / (double)names.Length;
    }
}
