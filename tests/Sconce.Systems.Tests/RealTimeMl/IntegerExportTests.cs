using Sconce.Data;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Tests.Looks;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tests.Export;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.RealTimeMl;

/// <summary>What <c>compress --int8</c> writes becomes integer arithmetic in ONNX Runtime.</summary>
public sealed class IntegerExportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-int8-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("basic", 20)]
    [InlineData("bottleneck", 17)]
    [InlineData("inverted", 6)]
    [InlineData("excited", 5)]
    public void Every_convolution_runs_in_integers_without_a_norm_and_answers_nearly_as_before(string kind, int convolutions)
    {
        OnnxRuntime.Require();
        var request = LookedAt.Request(() => Made(kind));
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, Compressed(request).Onnx.Bytes.ToArray());
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var pictures = Tensor.Stack([.. Examples(8, 5).Select(example => LookedAt.Preprocessing.Apply(example.Image))]);
        var inputs = new Dictionary<string, Tensor> { ["input"] = pictures };
        var operators = OnnxRuntime.Operators(path, inputs, "output");
        string all = string.Join(' ', operators);
        Assert.DoesNotContain("BatchNormalization", operators);
        Assert.Equal(convolutions, operators.Count(name => name == "QLinearConv"));
        Assert.True(!operators.Contains("Conv") && !operators.Contains("FusedConv"), all);
        Assert.True(operators.Contains("QGemm"), all);
        using var network = request.Network<Module<Tensor, Tensor>>();
        var wanted = network.Call(pictures);
        var found = OnnxRuntime.Run(path, [inputs], "output")[0][0];
        double rms = (wanted - wanted.Mean()).Square().Mean().Sqrt().Item<float>(),
            off8 = (found - wanted).Square().Mean().Sqrt().Item<float>();
        Assert.True(off8 < 0.2 * rms, $"{off8} of {rms}; {all}");
    }

    [Theory]
    [InlineData("tf_efficientnet_b0")]
    [InlineData("micronet_m0")]
    [InlineData("nf_resnet26")]
    [InlineData("resnest50_fast_1s1x64d")]
    public void Networks_of_other_kinds_are_written_too_and_answer(string name)
    {
        OnnxRuntime.Require();
        var request = LookedAt.Request(() => Lively(Models.Create(name)), 1000);
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, Compressed(request, 1000).Onnx.Bytes.ToArray());
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var pictures = Tensor.Stack([.. Examples(4, 5).Select(example => LookedAt.Preprocessing.Apply(example.Image))]);
        using var network = request.Network<Module<Tensor, Tensor>>();
        var wanted = network.Call(pictures);
        var found = OnnxRuntime.Run(path, [new Dictionary<string, Tensor> { ["input"] = pictures }], "output")[0][0];
        double alike = ((found * wanted).Sum() / (found.Square().Sum() * wanted.Square().Sum()).Sqrt()).Item<float>();
        Assert.True(alike > 0.9, $"{alike}: {found.Square().Sum().Item<float>()}, {wanted.Square().Sum().Item<float>()}");
    }

    [Fact]
    public void Layers_of_tokens_multiply_integers()
    {
        OnnxRuntime.Require();
        var request = LookedAt.Request(() => Made("tokens"));
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, Compressed(request).Onnx.Bytes.ToArray());
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var inputs = new Dictionary<string, Tensor>
        { ["input"] = Tensor.Stack([.. Examples(8, 5).Select(example => LookedAt.Preprocessing.Apply(example.Image))]) };
        var operators = OnnxRuntime.Operators(path, inputs, "output");
        Assert.True(!operators.Contains("MatMul") && operators.Contains("MatMulIntegerToFloat"), string.Join(' ', operators));
        using var network = request.Network<Module<Tensor, Tensor>>();
        var wanted = network.Call(inputs["input"]);
        var found = OnnxRuntime.Run(path, [inputs], "output")[0][0];
        double rms = (wanted - wanted.Mean()).Square().Mean().Sqrt().Item<float>();
        Assert.True((found - wanted).Square().Mean().Sqrt().Item<float>() < 0.1 * rms);
    }

    [Fact]
    public void Sums_of_a_residual_network_run_in_integers()
    {
        OnnxRuntime.Require();
        var request = LookedAt.Request(() => Made("basic"));
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, Compressed(request).Onnx.Bytes.ToArray());
        using var scope = new TensorScope();
        var operators = OnnxRuntime.Operators(path, new Dictionary<string, Tensor> { ["input"] = Tensor.Rand([1, 3, 32, 32]) }, "output");
        // The last one's sum is read by the mean alone, whose range nobody has seen.
        Assert.Equal(7, operators.Count(name => name == "QLinearAdd"));
        Assert.Equal(2, operators.Count(name => name == "QuantizeLinear"));
        Assert.Equal(2, operators.Count(name => name == "DequantizeLinear"));
    }

    [Fact]
    public void A_norm_that_reads_something_else_than_its_convolution_made_stays()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new Sequential
        {
            ["conv"] = new Conv2d(3, 4, 1),
            ["act"] = new Relu(inPlace: true),
            ["between"] = new BatchNorm2d(4),
            ["next"] = new Conv2d(4, 5, 1),
            ["norm"] = Norm(5),
        };
        network.Eval();
        var input = Tensor.Randn([2, 3, 4, 4]);
        var before = network.Call(input);
        CompressedLayer[] layers = [new("conv", network["conv"]), new("next", network["next"])];
        using (var folding = new NormFolding(network, layers))
        {
            Assert.Equal(1, folding.Fold(input));
            Assert.Null(((BatchNorm2d)network["between"]).Substitute);
            Assert.NotNull(((BatchNorm2d)network["norm"]).Substitute);
            Assert.True((network.Call(input) - before).Abs().Max().Item<float>() < 1e-4);
        }

        foreach (var layer in layers) layer.Dispose();
        Assert.Equal(0, (network.Call(input) - before).Abs().Max().Item<float>());
    }

    private static CompressAnswer Compressed(MadeRequest request, int classes = 2) =>
        new CompressionWork(request, new CompressSettings { Int8 = true, Batch = 16 }).Run(
            Datasets.InMemory<ImageExample>([.. Examples(64, 3)]), Datasets.InMemory<ImageExample>([.. Examples(8, 4)]),
            [.. Enumerable.Range(0, classes).Select(k => $"kind{k}")], null, TestContext.Current.CancellationToken);

    /// <summary>Without offsets an untrained network fades to nothing.</summary>
    private static Module Lively(Module network)
    {
        using var off = Gradients.Off();
        using var scope = new TensorScope();
        foreach (var norm in network.NamedModules().Select(named => named.Module).OfType<BatchNorm2d>())
        {
            norm.Weight!.FillInPlace(1);
            norm.Bias!.CopyInPlace(Tensor.Randn(norm.Bias.Shape.ToArray()) * 0.5);
        }

        return network;
    }

    private static Module<Tensor, Tensor> Made(string kind) => kind switch
    {
        "basic" => new ResNet(new ResNetConfiguration(ResNetBlock.Basic, [2, 2, 2, 2]) { Classes = 2, Norm = Norm }),
        "bottleneck" => new ResNet(new ResNetConfiguration(ResNetBlock.Bottleneck, [1, 1, 1, 1]) { Classes = 2, Norm = Norm, Groups = 2 }),
        // A depthwise convolution between two of one cell, without a rectifier at the end: MobileNetV2's.
        "inverted" => new Sequential
        {
            ["stem"] = new Conv2d(3, 8, 3, 2, 1, bias: false),
            ["norm"] = Norm(8),
            ["act"] = new Relu6(),
            ["block"] = new Added(new Sequential
            {
                ["in"] = new Conv2d(8, 24, 1, bias: false),
                ["norm1"] = Norm(24),
                ["act1"] = new Relu6(),
                ["each"] = new Conv2d(24, 24, 3, 1, 1, groups: 24, bias: false),
                ["norm2"] = Norm(24),
                ["act2"] = new Relu6(),
                ["out"] = new Conv2d(24, 8, 1, bias: false),
                ["norm3"] = Norm(8),
            }),
            ["widen"] = new Conv2d(8, 16, 1, bias: false),
            ["norm2"] = Norm(16),
            ["linear"] = new Conv2d(16, 16, 1),
            ["act2"] = new Relu6(),
            ["pool"] = new GlobalAvgPool2d(),
            ["head"] = new Linear(16, 2),
        },
        "excited" => new Sequential
        {
            ["stem"] = new Conv2d(3, 8, 3, 2, 1, bias: false),
            ["norm"] = Norm(8),
            ["act"] = new Silu(),
            ["gate"] = new Excited(8),
            ["more"] = new Conv2d(8, 8, 3, 1, 1),
            ["act2"] = new Silu(),
            ["last"] = new Conv2d(8, 16, 1),
            ["pool"] = new GlobalAvgPool2d(),
            ["head"] = new Linear(16, 2),
        },
        "tokens" => new Sequential
        {
            ["patch"] = new Conv2d(3, 16, 8, 8),
            ["tokens"] = new Tokens(),
            ["up"] = new Linear(16, 32),
            ["act"] = new Relu(),
            ["down"] = new Linear(32, 16),
            ["mean"] = new MeanToken(),
            ["head"] = new Linear(16, 2),
        },
        _ => throw new ArgumentException(kind),
    };

    /// <summary>As a trained one: no two channels have the same gain, offset, mean, variance, and one is nearly dead.</summary>
    private static BatchNorm2d Norm(int channels)
    {
        var norm = new BatchNorm2d(channels);
        using var off = Gradients.Off();
        using var scope = new TensorScope();
        norm.Weight!.CopyInPlace(Tensor.Rand([channels]) + 0.5);
        norm.Bias!.CopyInPlace(Tensor.Randn([channels]) * 0.2);
        norm.RunningMean!.CopyInPlace(Tensor.Randn([channels]) * 0.1);
        norm.RunningVar!.CopyInPlace(Tensor.Rand([channels]) + 0.5);
        norm.Weight[0].FillInPlace(1e-12);
        return norm;
    }

    private static IEnumerable<ImageExample> Examples(int count, int seed)
    {
        var random = new Random(seed);
        for (int k = 0; k < count; k++)
        {
            int phase = random.Next(8), label = k % 2;
            var picture = LookedAt.Picture((x, y) => (byte)((((label == 0 ? x : y) + phase) % 8 < 4 ? 200 : 40) + random.Next(20)));
            yield return new ImageExample(picture) { Label = label, Name = $"picture {k}" };
        }
    }
}

internal sealed partial class Added(Sequential branch) : Module<Tensor, Tensor>
{
    private Sequential Branch { get; } = branch;

    protected override Tensor Forward(Tensor x) => x + Branch.Call(x);
}

internal sealed partial class Excited(int channels) : Module<Tensor, Tensor>
{
    private Conv2d Less { get; } = new(channels, channels / 2, 1);

    private Conv2d More { get; } = new(channels / 2, channels, 1);

    protected override Tensor Forward(Tensor x) => x * More.Call(Less.Call(x.Mean([2, 3], keepdim: true)).Relu()).Sigmoid();
}

/// <summary><c>(N, C, H, W) -> (N, H·W, C)</c></summary>
internal sealed class Tokens : Module<Tensor, Tensor>
{
    protected override Tensor Forward(Tensor x) => x.Flatten(2).Transpose(1, 2);
}

/// <summary><c>(N, T, C) -> (N, C)</c></summary>
internal sealed class MeanToken : Module<Tensor, Tensor>
{
    protected override Tensor Forward(Tensor x) => x.Mean([1]);
}
