using Sconce.Abilities;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Tests.Looks;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tests.Export;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.RealTimeMl;

public sealed class CompressTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-compress-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_network_in_int8_is_a_quarter_as_large_and_answers_in_another_runtime_as_it_was_measured_here()
    {
        var (answer, request) = Compressed(new CompressSettings { Int8 = true });
        Assert.Equal(2, answer.Stages.Items.Count);
        Assert.True((double)answer.Stages.Items[1][1]! >= (double)answer.Stages.Items[0][1]! - 0.05);
        Assert.StartsWith("int8 in 3 of 3 layers", (string)answer.Stages.Items[1][0]!, StringComparison.Ordinal);
        Assert.True((double)answer.Stages.Items[1][4]! < 0.5 * (double)answer.Stages.Items[0][4]!, $"{answer.Stages.Items[1][4]}");
        using var network = request.Network<Module<Tensor, Tensor>>();
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var pictures = Tensor.Stack([.. Examples(40, 5).Select(example => LookedAt.Preprocessing.Apply(example.Image))]);
        var wanted = network.Call(pictures).Argmax(1);
        var found = OnnxRuntime.Run(Saved(answer), [new Dictionary<string, Tensor> { ["input"] = pictures }], "output")[0][0];
        Assert.True(found.Argmax(1).Eq(wanted).To(DType.Float64).Mean().Item<double>() >= 0.95);
    }

    [Fact]
    public void Pruned_weights_stay_zero_and_factors_save_numbers()
    {
        var (answer, _) = Compressed(new CompressSettings { Prune = 0.7, Rank = 3, Distil = true, Tune = 12, Int8 = true });
        string[] stages = [.. answer.Stages.Items.Select(row => (string)row[0]!)];
        Assert.StartsWith("rank 3 in 2 of 3", stages[1], StringComparison.Ordinal);
        Assert.StartsWith("taught", stages[3], StringComparison.Ordinal);
        Assert.True((long)answer.Stages.Items[1][3]! < (long)answer.Stages.Items[0][3]!);
        Assert.Contains("gzip", stages[^1], StringComparison.Ordinal);
        using var scope = new TensorScope();
        var pictures = Tensor.Rand([2, 3, 32, 32]);
        var found = OnnxRuntime.Run(Saved(answer), [new Dictionary<string, Tensor> { ["input"] = pictures }], "output")[0][0];
        Assert.Equal([2, 2], found.Shape.ToArray());
    }

    [Fact]
    public void A_layer_keeps_what_was_pruned_at_zero_and_answers_as_before_once_it_is_freed()
    {
        using var scope = new TensorScope();
        using var layer = new Linear(10, 6);
        var input = Tensor.Randn([3, 10]);
        var before = layer.Call(input);
        using (var smaller = new CompressedLayer("layer", layer))
        {
            Assert.Equal(0, (layer.Call(input) - before).Abs().Max().Item<float>());
            Assert.False(smaller.Factor(4));
            Assert.True(smaller.Factor(3));
            Assert.True((layer.Call(input) - before).Abs().Max().Item<float>() > 0);
        }

        Assert.Equal(0, (layer.Call(input) - before).Abs().Max().Item<float>());
        using var pruned = new CompressedLayer("layer", layer);
        pruned.Prune(0.5);
        using (Gradients.Off()) layer.Weight.AddInPlace(layer.Weight.OnesLike());
        pruned.Hold();
        Assert.Equal(30, layer.Weight.Eq(0).Sum().Item<long>());
    }

    [Fact]
    public void What_cannot_be_done_is_said()
    {
        using var session = new CompressWithPictures().Open(LookedAt.Request());
        var set = PictureSet.Of([.. Examples(4, 1).Select(example => Picture.Of(example.Image))]);
        var fault = Assert.Throws<UsageException>(() => session.Ask(set, new() { Int8 = true }));
        Assert.Contains("0 of 4", fault.Message, StringComparison.Ordinal);
        using var run = new CompressRun().Open(LookedAt.Request());
        fault = Assert.Throws<UsageException>(() => run.Ask(Nothing.Instance, new() { Int8 = true }));
        Assert.Contains("no run", fault.Message, StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => Compressed(new CompressSettings()));
    }

    private static (CompressAnswer Answer, MadeRequest Request) Compressed(CompressSettings settings)
    {
        var request = LookedAt.Request(Learned);
        var data = Datasets.InMemory<ImageExample>([.. Examples(64, 3)]);
        return (new CompressionWork(request, settings with { Batch = 16 }).Run(
            data, Datasets.InMemory<ImageExample>([.. Examples(40, 4)]), ["kind0", "kind1"], null,
            TestContext.Current.CancellationToken), request);
    }

    /// <summary>Tells upright stripes from level ones, learnt in a moment.</summary>
    private static Sequential Learned()
    {
        TorchRuntime.ManualSeed(1);
        var network = LookedAt.Network(channels: 24);
        using var optimizer = new Adam(network.Parameters(), 0.01);
        var examples = Examples(32, 2).ToList();
        for (int step = 0; step < 15; step++)
        {
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            var pictures = Tensor.Stack([.. examples.Select(example => LookedAt.Preprocessing.Apply(example.Image))]);
            var labels = Tensor.From([.. examples.Select(example => (long)example.Label!.Value)]);
            Functional.CrossEntropy(network.Call(pictures), labels).Backward();
            optimizer.Step();
        }

        optimizer.ZeroGrad();
        return network;
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

    private string Saved(CompressAnswer answer)
    {
        OnnxRuntime.Require();
        string path = Path.Combine(folder, "small.onnx");
        File.WriteAllBytes(path, answer.Onnx.Bytes.ToArray());
        return path;
    }
}
