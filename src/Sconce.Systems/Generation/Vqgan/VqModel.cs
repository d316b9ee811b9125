using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>An autoencoder with its codebook; the official ImageNet model's values where left out.</summary>
public sealed record VqConfig
{
    /// <summary>The convolutional autoencoder.</summary>
    public AutoencoderConfig Autoencoder { get; init; } = new();

    /// <summary>Entries of the codebook.</summary>
    public int Codes { get; init; } = 1024;

    /// <summary>Numbers of an entry.</summary>
    public int CodeWidth { get; init; } = 256;

    /// <summary>The weight of one of the codebook loss's terms.</summary>
    public double Beta { get; init; } = 0.25;

    /// <summary>Of which.</summary>
    public CodebookLoss Loss { get; init; } = CodebookLoss.Legacy;

    /// <summary>The weight of the term for equal use, with which entries are drawn by Gumbel noise; null for nearest entries.</summary>
    public double? GumbelKlWeight { get; init; }

    /// <summary>Whether entries are running means of the vectors nearest to them, instead of learning by gradients.</summary>
    public bool IsAveraged { get; init; }
}

/// <summary>
/// VQGAN: <c>x̂ = D(q(E(x)))</c>, <c>(N, C, H, W) in [-1, 1] -> (N, C', H, W)</c>, about [-1, 1]. Sides are multiples of the downsampling.
/// 2012.09841 §3.1; CompVis/taming-transformers@3ba01b2 models/vqgan.py VQModel.
/// </summary>
public sealed partial class VqModel : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    public VqModel(VqConfig config)
    {
        Config = config;
        int latent = config.Autoencoder.LatentChannels;
        Encoder = new Encoder(config.Autoencoder);
        Decoder = new Decoder(config.Autoencoder);
        Quantize = config.GumbelKlWeight is { } weight
            ? new GumbelQuantizer(config.CodeWidth, config.CodeWidth, config.Codes, weight)
            : config.IsAveraged ? new EmaQuantizer(config.Codes, config.CodeWidth, config.Beta)
            : new VectorQuantizer(config.Codes, config.CodeWidth, config.Beta, config.Loss);
        QuantConv = new Conv2d(latent * (config.Autoencoder.DoubleLatent ? 2 : 1), config.CodeWidth, 1);
        PostQuantConv = new Conv2d(config.CodeWidth, latent, 1);
    }

    /// <summary>What it was built as.</summary>
    public VqConfig Config { get; }

    /// <summary>E</summary>
    public Encoder Encoder { get; }

    /// <summary>D</summary>
    public Decoder Decoder { get; }

    /// <summary>q</summary>
    public Quantizer Quantize { get; }

    /// <summary>From the encoder's channels to the codebook's.</summary>
    public Conv2d QuantConv { get; }

    /// <summary>From the codebook's channels to the decoder's.</summary>
    public Conv2d PostQuantConv { get; }

    /// <summary>The map before quantisation: <c>(N, C, H, W) -> (N, CodeWidth, h, w)</c>.</summary>
    public Tensor Features(Tensor pictures)
    {
        int side = Config.Autoencoder.Downsampling;
        if (pictures.Dimensions != 4 || pictures.Size(2) % side != 0 || pictures.Size(3) % side != 0)
        {
            throw new TorchException(
                $"VQGAN: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but (N, C, H, W) is expected, "
                + $"with sides that are multiples of {side}: resize or crop them");
        }

        using var scope = new TensorScope();
        return scope.Keep(QuantConv.Call(Encoder.Call(pictures)));
    }

    /// <summary>Codes, their vectors and the codebook's loss of pictures.</summary>
    public Quantization Encode(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Quantize.Call(Features(pictures)));
    }

    /// <summary>The likeliest codes of pictures, without chance: <c>(N, C, H, W) -> (N, h, w)</c>.</summary>
    public Tensor CodesOf(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Quantize.Codes(Features(pictures)));
    }

    /// <summary>Pictures from vectors: <c>(N, CodeWidth, h, w) -> (N, C', H, W)</c>.</summary>
    public Tensor Decode(Tensor vectors)
    {
        using var scope = new TensorScope();
        return scope.Keep(Decoder.Call(PostQuantConv.Call(vectors)));
    }

    /// <summary>Pictures from codes: <c>(N, h, w) -> (N, C', H, W)</c>.</summary>
    public Tensor DecodeCodes(Tensor codes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Decode(Quantize.Lookup(codes)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Decode(Encode(input).Vectors);
}
