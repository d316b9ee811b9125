using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// What networks a checkpoint holds, read from the shapes of its tensors: nothing else says how a person's own was built.
/// </summary>
internal static class VqShapes
{
    private const int DefaultSide = 256;

    /// <summary>The autoencoder below a prefix.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <param name="prefix">Such as <c>first_stage_model.</c>; empty for an autoencoder's own file.</param>
    /// <param name="side">Of the pictures that it was trained on; 256 where that is not known, which only their default size depends
    /// on.</param>
    /// <exception cref="CheckpointException">There is none.</exception>
    internal static VqConfig Autoencoder(Checkpoint checkpoint, string prefix, int? side)
    {
        var shapes = Shapes(checkpoint, prefix);
        var (first, last) = (Of(shapes, "encoder.conv_in.weight", checkpoint), Of(shapes, "decoder.conv_out.weight", checkpoint));
        int width = (int)first[0];
        List<int> channels = [];
        while (shapes.TryGetValue($"encoder.down.{channels.Count}.block.0.conv1.weight", out var level)) channels.Add((int)level[0]);
        if (channels.Count == 0 || channels.Any(one => one % width != 0)) throw Missing(checkpoint, "encoder.down.0.block.0.conv1.weight");
        int blocks = 1, resolution = side ?? DefaultSide;
        while (shapes.ContainsKey($"encoder.down.0.block.{blocks}.conv1.weight")) blocks++;
        var attended = Enumerable.Range(0, channels.Count).Where(level => shapes.ContainsKey($"encoder.down.{level}.attn.0.q.weight"));
        int latent = (int)Of(shapes, "decoder.conv_in.weight", checkpoint)[1];
        bool isDrawn = shapes.TryGetValue("quantize.embed.weight", out var table);
        table ??= Of(shapes, "quantize.embedding.weight", checkpoint);
        return new VqConfig
        {
            Autoencoder = new()
            {
                LatentChannels = latent,
                Resolution = resolution,
                InputChannels = (int)first[1],
                OutputChannels = (int)last[0],
                Width = width,
                Multipliers = [.. channels.Select(one => one / width)],
                Blocks = blocks,
                AttentionResolutions = [.. attended.Select(level => resolution >> level)],
                DoubleLatent = Of(shapes, "encoder.conv_out.weight", checkpoint)[0] == 2 * latent,
            },
            Codes = (int)table[0],
            CodeWidth = (int)table[1],
            GumbelKlWeight = isDrawn ? VqVariants.GumbelKlWeight : null,
            IsAveraged = shapes.ContainsKey("quantize.embedding.cluster_size"),
        };
    }

    /// <summary>The transformer, whose heads no shape tells.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    internal static GptConfig Transformer(Checkpoint checkpoint, int? heads)
    {
        const int officialHead = 64;
        var shapes = Shapes(checkpoint, "transformer.");
        var (table, places) = (Of(shapes, "tok_emb.weight", checkpoint), Of(shapes, "pos_emb", checkpoint));
        int layers = 0, width = (int)table[1];
        while (shapes.ContainsKey($"blocks.{layers}.ln1.weight")) layers++;
        return new GptConfig
        {
            Vocabulary = (int)table[0],
            Length = (int)places[1],
            Layers = layers,
            Heads = heads ?? Math.Max(1, width / officialHead),
            Width = width,
        };
    }

    /// <summary>Whether anything lies below a prefix.</summary>
    internal static bool Has(Checkpoint checkpoint, string prefix) =>
        checkpoint.Tensors.Any(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal));

    private static Dictionary<string, IReadOnlyList<long>> Shapes(Checkpoint checkpoint, string prefix) => checkpoint.Tensors
        .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(tensor => tensor.Name[prefix.Length..], tensor => tensor.Shape);

    private static IReadOnlyList<long> Of(Dictionary<string, IReadOnlyList<long>> shapes, string name, Checkpoint checkpoint) =>
        shapes.TryGetValue(name, out var shape) && shape.Count > 0 ? shape : throw Missing(checkpoint, name);

    private static CheckpointException Missing(Checkpoint checkpoint, string name)
    {
        string held = Has(checkpoint, "transformer.") ? "a transformer with its autoencoders"
            : Has(checkpoint, "encoder.") ? "an autoencoder alone, the first stage"
            : Has(checkpoint, "main.") || Has(checkpoint, "discriminator.") ? "a discriminator" : "another network";
        return new CheckpointException(checkpoint.Path, $"it has no {name}: it holds {held}, not what is wanted here");
    }
}
