using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>Official checkpoints of videos and of pictures; timesformer/models/helpers.py@a5ef29a.</summary>
public static class TimeSformerWeights
{
    private const string Prefix = "model.", Positions = "pos_embed", Times = "time_embed", Head = "head.";

    /// <summary>Fills a network with a checkpoint of videos (<c>.pyth</c>). Embeddings of other clips are stretched by the nearest. Nothing
    /// is changed unless everything fits.</summary>
    /// <param name="network">Of the file's width, depth and attention.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its names or shapes are not this network's; the message names
    /// them.</exception>
    public static void Load(VideoTransformer network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var checkpoint = Checkpoint.Open(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var stretched = new List<(string Name, Parameter Target, Tensor Source)>();
        foreach (var tensor in checkpoint.Under(network.StateDict().Select(entry => entry.Name), Own).Tensors)
        {
            var target = Own(tensor.Name) switch { Positions => network.PosEmbed, Times => network.TimeEmbed, _ => null };
            if (target is not null && Fits(tensor, network))
                stretched.Add((Own(tensor.Name), target,
                    Stretch(ComplexWeights.ToReal(path, tensor), target, Own(tensor.Name) == Positions ? 1 : 0)));
        }

        ModelWeights.Load(network, checkpoint, new LoadOptions { Rename = Own, Leave = [.. stretched.Select(entry => entry.Name)] });
        foreach (var (_, target, source) in stretched) target.CopyInPlace(source);
    }

    /// <summary>
    /// Begins from a ViT of pictures (timm's names): attention in time and its norm begin as copies of those in space; <c>temporal_fc</c>
    /// and times stay as they are, and so does the head where the classes differ. Nothing is changed unless everything fits.
    /// </summary>
    /// <param name="network">Of the file's width and depth.</param>
    /// <param name="path">The file, such as <c>jx_vit_base_p16_224-80ecf9dd.pth</c>.</param>
    /// <exception cref="CheckpointException">The file is damaged, or it lacks what the network needs; the message names it.</exception>
    public static void LoadPictures(VideoTransformer network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var checkpoint = Checkpoint.Open(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var names = network.StateDict().Select(entry => entry.Name).Where(name => !name.Contains("temporal_", StringComparison.Ordinal));
        var found = checkpoint.Under(names, Own).Tensors.ToDictionary(tensor => Own(tensor.Name));
        bool keepsHead = network.Head is null || !found.TryGetValue("head.weight", out var head) || head.Shape[0] != network.Config.Classes;
        var copies = new List<(Tensor Target, Tensor Source)>();
        var faults = new List<string>();
        foreach (var (name, target) in network.StateDict())
        {
            if (name == Times || name.Contains("temporal_fc", StringComparison.Ordinal)
                || (keepsHead && name.StartsWith(Head, StringComparison.Ordinal))) continue;
            string from = name.Replace("temporal_", "", StringComparison.Ordinal);
            if (!found.TryGetValue(from, out var tensor))
            {
                faults.Add($"no '{from}'");
                continue;
            }

            var source = ComplexWeights.ToReal(path, tensor);
            if (name == Positions && Fits(tensor, network)) source = Stretch(source, network.PosEmbed, 1);
            if (source.Shape.SequenceEqual(target.Shape)) copies.Add((target, source));
            else faults.Add($"'{from}' is [{string.Join(", ", source.Shape.ToArray())}], the network's "
                + $"[{string.Join(", ", target.Shape.ToArray())}]");
        }

        if (faults.Count > 0)
            throw new CheckpointException(path, $"it is no ViT that this TimeSformer can begin from: "
                + $"{string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $" and {faults.Count - 8} more" : "")}");
        foreach (var (target, source) in copies) target.CopyInPlace(source);
    }

    private static string Own(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    private static bool Fits(CheckpointTensor tensor, VideoTransformer network) =>
        tensor.Shape is [1, > 1, var width] && width == network.Config.Width;

    /// <summary>Rows after the first few, in a row: officially the grid is not looked at here, unlike in the network.</summary>
    private static Tensor Stretch(Tensor rows, Parameter target, long keep) => rows.Shape.SequenceEqual(target.Shape)
        ? rows
        : Tensor.Cat([rows.Slice(1, 0, keep), Functional.Interpolate(rows.Slice(1, keep, long.MaxValue).Transpose(1, 2).To(DType.Float32),
            [target.Size(1) - keep]).Transpose(1, 2)], 1);
}
