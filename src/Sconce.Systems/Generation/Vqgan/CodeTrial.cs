using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>How long the claim's networks learn, and how many pictures they paint.</summary>
/// <param name="CodecSteps">Of the autoencoder.</param>
/// <param name="GptSteps">Of each transformer.</param>
/// <param name="Painted">Pictures that are painted.</param>
internal sealed record TrialLength(int CodecSteps, int GptSteps, int Painted)
{
    internal const int Batch = 32;
}

/// <summary>The claim's autoencoder: two halvings, 64 codes of 16 numbers. <c>(N, 3, 32, 32) -> (N, 3, 32, 32)</c></summary>
internal sealed partial class TrialCodec : Module
{
    internal const int Codes = 64, Grid = PairedObjects.Side / 4;
    private const int CodeWidth = 16;

    /// <summary>The same as a network of the system's own.</summary>
    internal static VqConfig Config { get; } = new()
    {
        Autoencoder = new() { LatentChannels = CodeWidth, Resolution = PairedObjects.Side, Multipliers = [1, 1, 1], IsPlain = true },
        Codes = Codes,
        CodeWidth = CodeWidth,
    };

    internal Sequential Encoder { get; } = PlainAutoencoder.Encoder(Config.Autoencoder);

    internal Sequential Decoder { get; } = PlainAutoencoder.Decoder(Config.Autoencoder);

    internal VectorQuantizer Quantizer { get; } = new(Codes, CodeWidth);
}

/// <summary>The claim's method: an autoencoder, then a transformer over all codes of a picture.</summary>
internal sealed class CodeTrial : IDisposable
{
    /// <summary>What is kept: both stages as a person's have them.</summary>
    internal static ModelVariant Network { get; } = new(
        "vqgan_claim", "what the claim trains: pictures of 32 px with two objects of one colour", _ => new Net2Net(Whole))
    {
        Capabilities = [new CodeGenerator(CodeCondition.Start), new PictureCodec(PairedObjects.Side)],
    };

    private static Net2NetConfig Whole => new()
    {
        FirstStage = TrialCodec.Config,
        Transformer = TrialGpt.Config(TrialCodec.Codes + 1),
        Start = TrialCodec.Codes,
    };

    private readonly TrialCodec codec = new();
    private readonly Gpt gpt = new(TrialGpt.Config(TrialCodec.Codes + 1));

    /// <summary>The transformer's loss, step by step.</summary>
    internal List<double> Losses { get; } = [];

    public void Dispose()
    {
        codec.Dispose();
        gpt.Dispose();
    }

    /// <summary>Learns pictures.</summary>
    internal void Train(Tensor pictures, TrialLength length, Action<string, int, int> told)
    {
        using var care = new CodebookCare(codec.Quantizer);
        using var adam = new Adam(codec.Parameters(), 2e-3, 0.5, 0.9);
        int plain = length.CodecSteps / 3;
        for (int step = 0; step < length.CodecSteps; step++)
        {
            told("autoencoder", step, length.CodecSteps);
            using var scope = new TensorScope();
            var batch = TrialGpt.Some(pictures, TrialLength.Batch);
            var map = codec.Encoder.Call(batch);
            if (step == plain) care.Begin(map.Detach().Permute([0, 2, 3, 1]).Flatten(0, 2));
            var codes = step < plain ? null : codec.Quantizer.Call(map);
            var difference = codec.Decoder.Call(codes?.Vectors ?? map) - batch;
            var loss = difference.Abs().Mean() + difference.Square().Mean();
            adam.ZeroGrad();
            (codes is null ? loss : loss + codes.Loss).Backward();
            adam.Step();
        }

        using var all = Encode(pictures);
        TrialGpt.Train(gpt.Parameters(), length.GptSteps, Losses, told, () =>
        {
            var tokens = TrialGpt.Some(all, TrialLength.Batch);
            var start = Tensor.Full([tokens.Size(0), 1], TrialCodec.Codes, DType.Int64);
            var logits = gpt.Call(Tensor.Cat([start, tokens.Narrow(1, 0, tokens.Size(1) - 1)], 1));
            return Functional.CrossEntropy(logits.Flatten(0, 1), tokens.Flatten());
        });
    }

    /// <summary>New pictures.</summary>
    internal Tensor Paint(int count)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var start = Tensor.Full([count, 1], TrialCodec.Codes, DType.Int64);
        var open = Tensor.Full([count, TrialCodec.Grid * TrialCodec.Grid], -1, DType.Int64);
        var codes = CodeSampling.Fill(gpt, start, open, new TokenSampler(), known: TrialCodec.Codes);
        return scope.Keep(Decode(codes));
    }

    /// <summary>Pictures through the codes and back.</summary>
    internal Tensor Reconstruct(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.Keep(Decode(Encode(pictures)));
    }

    /// <summary>
    /// Both stages as they are; the convolutions about the codebook, which the claim's has not, leave vectors as they are.
    /// </summary>
    internal ClaimNetwork Keep()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var whole = new Net2Net(Whole);
        var first = whole.FirstStageModel;
        codec.Encoder.CopyTo(first.Encoder.Plain!);
        codec.Decoder.CopyTo(first.Decoder.Plain!);
        codec.Quantizer.CopyTo(first.Quantize);
        gpt.CopyTo(whole.Transformer);
        foreach (var convolution in (Conv2d[])[first.QuantConv, first.PostQuantConv])
        {
            convolution.Weight.CopyInPlace(Tensor.Eye(convolution.Weight.Size(0)).View(convolution.Weight.Shape));
            convolution.Bias!.ZeroInPlace();
        }

        return ClaimNetwork.Of(Network.Name, whole);
    }

    private Tensor Decode(Tensor codes) =>
        codec.Decoder.Call(codec.Quantizer.Lookup(codes.View([-1, TrialCodec.Grid, TrialCodec.Grid])));

    private Tensor Encode(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.KeepForever(codec.Quantizer.Codes(codec.Encoder.Call(pictures)).Flatten(1));
    }
}
