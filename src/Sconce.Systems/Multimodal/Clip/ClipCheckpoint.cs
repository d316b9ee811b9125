using System.Globalization;
using Sconce.Weights;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>What the released files hold: the configuration, in the tensors' shapes (openai/CLIP@d05afc4 clip/model.py <c>build_model</c>),
/// and three entries that are no weights.</summary>
public static class ClipCheckpoint
{
    /// <summary>Beside the weights in the released archives.</summary>
    private static readonly string[] Extras = ["input_resolution", "context_length", "vocab_size"];

    /// <summary>Names that every CLIP model has, by which the others are found where a wrapper put something in front of all.</summary>
    private static readonly string[] Anchors = ["positional_embedding", "text_projection", "logit_scale", "ln_final.weight",
        "ln_final.bias", "token_embedding.weight"];

    /// <summary>How a released file meets a <see cref="ClipModel"/>.</summary>
    public static LoadOptions Options { get; } = new() { Ignore = Extras };

    /// <summary>The configuration of the model that a file holds. Heads have 64 channels each, as in every released model.</summary>
    /// <exception cref="CheckpointException">It holds no CLIP model, or one whose shapes contradict each other.</exception>
    public static ClipConfig ReadConfig(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var reader = new Reader(checkpoint);
        var text = reader.Text();
        var (vision, resolution) = reader.Vision();
        var config = new ClipConfig(reader.Size("text_projection", 2, 1), resolution, vision, text);
        try
        {
            config.Validate();
        }
        catch (ArgumentException impossible)
        {
            throw new CheckpointException(checkpoint.Path, $"its shapes make no CLIP model: {impossible.Message}", impossible);
        }

        return config;
    }

    private sealed class Reader(Checkpoint checkpoint)
    {
        private readonly Dictionary<string,
            IReadOnlyList<long>> shapes = checkpoint.Under(Anchors).Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);

        public ClipTextConfig Text()
        {
            int width = Size("ln_final.weight", 1, 0);
            return new ClipTextConfig(width, Math.Max(1, width / 64), Blocks("transformer.resblocks.", width))
            {
                ContextLength = Size("positional_embedding", 2, 0),
                VocabularySize = Size("token_embedding.weight", 2, 0),
            };
        }

        public (ClipVisionConfig Vision, int Resolution) Vision()
        {
            if (shapes.ContainsKey("visual.proj"))
            {
                int width = Size("visual.conv1.weight", 4, 0), patch = Size("visual.conv1.weight", 4, 3);
                int grid = Side("visual.positional_embedding");
                return (new ClipVitConfig(width, Blocks("visual.transformer.resblocks.", width), patch),
                    Within((long)grid * patch, "visual.conv1.weight"));
            }

            if (!shapes.ContainsKey("visual.layer1.0.conv1.weight"))
            {
                throw Fault("neither visual.proj nor visual.layer1.0.conv1.weight is among its tensors, so it holds no CLIP model. Give a "
                    + "released CLIP file (RN50.pt, ViT-B-32.pt …) or its state dict");
            }

            var stages = Enumerable.Range(1, 4).Select(stage => Count($"visual.layer{stage}.")).ToArray();
            return (new ClipResNetConfig(Size("visual.layer1.0.conv1.weight", 4, 0), (stages[0], stages[1], stages[2], stages[3])),
                Within(32L * Side("visual.attnpool.positional_embedding"), "visual.attnpool.positional_embedding"));
        }

        /// <summary>One size of a tensor that must have so many dimensions.</summary>
        public int Size(string name, int dimensions, int which)
        {
            if (!shapes.TryGetValue(name, out var shape))
                throw Fault(
                    $"'{name}' is not among its tensors, so it holds no CLIP model. {NearestNames.Suggest(name, shapes.Keys)}".TrimEnd());
            if (shape.Count != dimensions)
                throw Fault($"'{name}' has the shape ({string.Join(", ", shape)}), but {dimensions} dimensions are expected");
            return Within(shape[which], name);
        }

        /// <summary>The blocks whose attention has the right shape: so a file cannot ask for a network larger than itself.</summary>
        private int Blocks(string prefix, int width)
        {
            int blocks = Count(prefix);
            for (int k = 0; k < blocks; k++)
            {
                string name = $"{prefix}{k}.attn.in_proj_weight";
                if (Size(name, 2, 0) != 3L * width || Size(name, 2, 1) != width)
                    throw Fault($"'{name}' has the shape ({string.Join(", ", shapes[name])}), but ({3L * width}, {width}) is expected");
            }

            return blocks;
        }

        /// <summary>How many different numbers follow a prefix.</summary>
        private int Count(string prefix) => shapes.Keys
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..].Split('.', 2)[0])
            .Where(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Distinct()
            .Count();

        /// <summary>The side of the square whose cells, and one more, have the rows of a table.</summary>
        private int Side(string name)
        {
            int rows = Size(name, 2, 0);
            int side = (int)Math.Round(Math.Sqrt(rows - 1));
            return rows > 1 && ((long)side * side) + 1 == rows
                ? side : throw Fault($"'{name}' has {rows} rows, which are not one and a square");
        }

        private int Within(long size, string name) =>
            size is > 0 and <= 1 << 20 ? (int)size : throw Fault($"'{name}' asks for a size of {size}, which no CLIP model has");

        private CheckpointException Fault(string fault) => new(checkpoint.Path, fault);
    }
}
