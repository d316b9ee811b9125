using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// CLIP's vision transformer: bias-free patches, a layer norm before the first block, the class token after another;
/// <c>(N, 3, side, side), normalised -> (N, embedding)</c>, not of unit length. 2103.00020 §2.4; openai/CLIP@d05afc4 clip/model.py.
/// </summary>
public sealed partial class ClipVisionTransformer : Module<Tensor, Tensor>, IPositioned
{
    private readonly int side, grid;

    /// <summary>Class token, positions and projection are normal with deviation width^-½.</summary>
    /// <param name="config">Width, blocks, patch.</param>
    /// <param name="resolution">The side of the pictures, in pixels.</param>
    /// <param name="embedding">Width of the output.</param>
    public ClipVisionTransformer(ClipVitConfig config, int resolution, int embedding)
    {
        config.Validate(resolution);
        side = resolution;
        grid = resolution / config.PatchSize;
        double scale = Math.Pow(config.Width, -0.5);
        ClassEmbedding = Init.Normal(Parameter.Empty(config.Width), scale);
        PositionalEmbedding = Init.Normal(Parameter.Empty((grid * grid) + 1, config.Width), scale);
        Proj = Init.Normal(Parameter.Empty(config.Width, embedding), scale);
        Conv1 = new Conv2d(3, config.Width, config.PatchSize, config.PatchSize, bias: false);
        LnPre = new LayerNorm(config.Width);
        Transformer = new ClipTransformer(config.Width, config.Layers, config.Heads);
        LnPost = new LayerNorm(config.Width);
    }

    /// <summary>The token that reads the picture <c>(width)</c>.</summary>
    public Parameter ClassEmbedding { get; }

    /// <summary>One row for the class token, then one a patch in reading order <c>(1 + grid², width)</c>.</summary>
    public Parameter PositionalEmbedding { get; }

    /// <summary>Into the shared space <c>(width, embedding)</c>.</summary>
    public Parameter Proj { get; }

    /// <summary>Patches to tokens.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>Before the first block.</summary>
    public LayerNorm LnPre { get; }

    /// <summary>The blocks.</summary>
    public ClipTransformer Transformer { get; }

    /// <summary>On the class token, after the last block.</summary>
    public LayerNorm LnPost { get; }

    /// <summary>As open_clip does for files of another size (src/open_clip/model.py <c>resize_pos_embed</c>).</summary>
    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) =>
        key == "positional_embedding" ? PositionEmbedding.TryResize(found, PositionalEmbedding, grid, PositionResize.BicubicAntialias)
            : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor image)
    {
        if (image.Dimensions != 4 || image.Size(1) != 3 || image.Size(2) != side || image.Size(3) != side)
        {
            throw new TorchException($"CLIP: a batch of pictures of shape [{string.Join(", ", image.Shape.ToArray())}], but this model "
                + $"takes (N, 3, {side}, {side}): resize them first (ClipPreprocess)");
        }

        var patches = Conv1.Call(image).Flatten(2).Transpose(1, 2); // (N, grid², width)
        var token = ClassEmbedding.Expand([patches.Size(0), 1, -1]);
        var x = (Tensor.Cat([token, patches], 1) + PositionalEmbedding).Then(LnPre); // (N, 1 + grid², width)
        var features = Transformer.Call(x, null);
        return LnPost.Call(features[.., 0]).Matmul(Proj); // (N, embedding)
    }
}
