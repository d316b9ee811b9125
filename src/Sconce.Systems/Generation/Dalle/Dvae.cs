using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// From mapped pictures to logits of codes: <c>(N, 3, H, W) in [0.1, 0.9] -> (N, Codes, H/8, W/8)</c>. openai/DALL-E@5be4b23 encoder.py.
/// </summary>
public sealed partial class DvaeEncoder : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    public DvaeEncoder(DvaeConfig config)
    {
        Blocks["input"] = new DvaeConv(config.Channels, config.Width, 7);
        int inputs = config.Width;
        for (int g = 0; g < config.Groups; g++)
        {
            int outputs = config.Width << g;
            var group = new Sequential();
            for (int k = 0; k < config.Blocks; k++)
                group[$"block_{k + 1}"] = DvaeBlock.OfEncoder(k == 0 ? inputs : outputs, outputs, config.BranchGain);
            if (g < config.Groups - 1) group["pool"] = new MaxPool2d(2);
            Blocks[$"group_{g + 1}"] = group;
            inputs = outputs;
        }

        Blocks["output"] = new Sequential { ["relu"] = new Relu(), ["conv"] = new DvaeConv(inputs, config.Codes, 1) };
    }

    private Sequential Blocks { get; } = [];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Blocks.Call(input);
}

/// <summary>
/// From codes to what is known of each pixel: <c>one-hot or soft codes (N, Codes, h, w) -> (N, 2·3, 8h, 8w)</c>, three means and three
/// logarithms of widths. openai/DALL-E@5be4b23 decoder.py.
/// </summary>
public sealed partial class DvaeDecoder : Module<Tensor, Tensor>
{
    private readonly int codes;

    /// <summary>Builds it.</summary>
    public DvaeDecoder(DvaeConfig config)
    {
        codes = config.Codes;
        Blocks["input"] = new DvaeConv(config.Codes, config.CodeWidth, 1);
        int inputs = config.CodeWidth;
        for (int g = 0; g < config.Groups; g++)
        {
            int outputs = config.Width << (config.Groups - 1 - g);
            var group = new Sequential();
            for (int k = 0; k < config.Blocks; k++)
                group[$"block_{k + 1}"] = DvaeBlock.OfDecoder(k == 0 ? inputs : outputs, outputs, config.BranchGain);
            if (g < config.Groups - 1) group["upsample"] = new Upsample(2);
            Blocks[$"group_{g + 1}"] = group;
            inputs = outputs;
        }

        Blocks["output"] = new Sequential { ["relu"] = new Relu(), ["conv"] = new DvaeConv(inputs, 2 * config.Channels, 1) };
    }

    private Sequential Blocks { get; } = [];

    /// <summary>The same from numbers of codes, <c>(N, h, w)</c>.</summary>
    public Tensor OfCodes(Tensor numbers)
    {
        using var scope = new TensorScope();
        return scope.Keep(Call(numbers.OneHot(codes).Permute([0, 3, 1, 2]).To(DType.Float32)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Blocks.Call(input);
}

/// <summary>
/// The discrete autoencoder, <c>(N, 3, H, W) in [0, 1] -> (N, 3, H, W) in [0, 1]</c> through the likeliest codes. 2102.12092 §2.1.
/// </summary>
public sealed partial class Dvae(DvaeConfig config) : Module<Tensor, Tensor>
{
    /// <summary>From mapped pictures to logits of codes.</summary>
    [Key("enc")]
    public DvaeEncoder Encoder { get; } = new(config);

    /// <summary>From codes to pixels' means and widths.</summary>
    [Key("dec")]
    public DvaeDecoder Decoder { get; } = new(config);

    /// <summary>What it was built as.</summary>
    public DvaeConfig Config => config;

    /// <summary>The likeliest codes of pictures in [0, 1]: <c>(N, 3, H, W) -> (N, H/8, W/8)</c>.</summary>
    public Tensor Encode(Tensor pictures)
    {
        int side = config.Downsampling;
        if (pictures.Dimensions != 4 || pictures.Size(2) % side != 0 || pictures.Size(3) % side != 0)
        {
            throw new TorchException(
                $"dVAE: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but (N, {config.Channels}, H, W) is expected, "
                + $"with sides that are multiples of {side}: resize or crop them");
        }

        using var scope = new TensorScope();
        return scope.Keep(Encoder.Call(DvaePixels.Map(pictures)).Argmax(1));
    }

    /// <summary>Pictures in [0, 1] of codes: <c>(N, h, w) -> (N, 3, 8h, 8w)</c>.</summary>
    public Tensor Decode(Tensor codes)
    {
        using var scope = new TensorScope();
        return scope.Keep(DvaePixels.Picture(Decoder.OfCodes(codes)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Decode(Encode(input));
}
