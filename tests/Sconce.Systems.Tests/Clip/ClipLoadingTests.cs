using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>Checkpoints in the released form: the configuration read from shapes, half precision, three entries that are no
/// weights.</summary>
public sealed class ClipLoadingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-clip").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<bool, string> Files =>
        new() { { true, "model.pt" }, { false, "model.pt" }, { true, "model.safetensors" }, { false, "model.safetensors" } };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_tells_its_configuration_and_gives_the_same_features(bool vit, string file)
    {
        using var model = ClipModelTests.Eval(new ClipModel(vit
            ? ClipModelTests.SmallVit : ClipModelTests.SmallResNet with { Vision = new ClipResNetConfig(16, (1, 2, 1, 1)) }));
        string path = Path.Combine(folder, file);
        ModelWeights.Save(model, path, cancellation: TestContext.Current.CancellationToken);
        using var loaded = ClipModel.Load(path);
        Assert.Equal(model.Config, loaded.Config);
        Assert.False(loaded.Training);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var image = Tensor.Randn([1, 3, model.Config.ImageResolution, model.Config.ImageResolution]);
        Assert.Equal(0, ClipModelTests.Distance(model.EncodeImage(image), loaded.EncodeImage(image)));
        Assert.Equal(0, ClipModelTests.Distance(model.EncodeText(ClipModelTests.Row(98, 4, 99)),
            loaded.EncodeText(ClipModelTests.Row(98, 4, 99))));
    }

    [Fact]
    public void Half_precision_becomes_single_and_the_three_extra_entries_are_passed_over()
    {
        using var model = new ClipModel(ClipModelTests.SmallVit);
        string path = Path.Combine(folder, "half.pt");
        using (new TensorScope())
        {
            var tensors = model.StateDict()
                .Select(entry => ModelWeights.Describe(entry.Name, entry.Name.Contains("ln_")
                    ? entry.Tensor.Detach() : entry.Tensor.Detach().To(DType.Float16)))
                .Concat(((string, long)[])[("input_resolution", 32), ("context_length", 12), ("vocab_size", 100)] is var extras
                    ? extras.Select(extra => ModelWeights.Describe(extra.Item1, Tensor.FromScalar(extra.Item2))) : [])
                .ToList();
            CheckpointWriter.SavePyTorch(path, tensors, cancellationToken: TestContext.Current.CancellationToken);
        }

        using var loaded = ClipModel.Load(path);
        using var scope = new TensorScope();
        Assert.All(loaded.StateDict(), entry => Assert.Equal(DType.Float32, entry.Tensor.DType));
        Assert.Equal(0, ClipModelTests.Distance(model.TextProjection.Detach().To(DType.Float16).Float(), loaded.TextProjection.Detach()));
    }

    [Fact]
    public void A_missing_block_is_named_with_the_file()
    {
        using var model = new ClipModel(ClipModelTests.SmallVit);
        string path = Write(model, name => name != "transformer.resblocks.1.ln_2.bias");
        string message = Assert.Throws<CheckpointException>(() => ClipModel.Load(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains("transformer.resblocks.1.ln_2.bias", message);
    }

    [Theory]
    [InlineData("visual.proj", "no CLIP model")]
    [InlineData("ln_final.weight", "'ln_final.weight'")]
    [InlineData("visual.transformer.resblocks.0.attn.in_proj_weight", "resblocks.0.attn.in_proj_weight")]
    public void A_file_without_a_decisive_tensor_is_refused(string missing, string said)
    {
        using var model = new ClipModel(ClipModelTests.SmallVit);
        Assert.Contains(said, Assert.Throws<CheckpointException>(() => ClipModel.Load(Write(model, name => name != missing))).Message);
    }

    [Fact]
    public void Positions_that_make_no_square_and_attention_of_another_width_are_refused()
    {
        using var model = new ClipModel(ClipModelTests.SmallVit);
        Assert.Contains("square", Refused("visual.positional_embedding", [16, 64]));
        Assert.Contains("(192, 64)", Refused("transformer.resblocks.0.attn.in_proj_weight", [192, 32]));
        Assert.Contains("4 dimensions", Refused("visual.conv1.weight", [64, 3]));

        string Refused(string name, long[] shape)
        {
            string path = Path.Combine(folder, "wrong.pt");
            using var scope = new TensorScope();
            CheckpointWriter.SavePyTorch(path,
                model.StateDict().Select(entry => ModelWeights.Describe(entry.Name, entry.Name == name
                    ? Tensor.Zeros(shape) : entry.Tensor.Detach())).ToList(), cancellationToken: TestContext.Current.CancellationToken);
            return Assert.Throws<CheckpointException>(() => ClipModel.Load(path)).Message;
        }
    }

    [Fact]
    public void Another_number_of_heads_can_be_named()
    {
        var config = ClipModelTests.SmallVit with { Text = ClipModelTests.SmallVit.Text with { Heads = 4 } };
        using var model = ClipModelTests.Eval(new ClipModel(config));
        string path = Write(model, _ => true);
        using var loaded = ClipModel.Load(path, config);
        using var guessed = ClipModel.Load(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var text = ClipModelTests.Row(98, 4, 7, 99);
        Assert.Equal(0, ClipModelTests.Distance(model.EncodeText(text), loaded.EncodeText(text)));
        Assert.NotEqual(0, ClipModelTests.Distance(model.EncodeText(text), guessed.EncodeText(text)));
    }

    private string Write(ClipModel model, Func<string, bool> kept)
    {
        string path = Path.Combine(folder, "part.pt");
        using var scope = new TensorScope();
        CheckpointWriter.SavePyTorch(path, model.StateDict().Where(entry => kept(entry.Name))
            .Select(entry => ModelWeights.Describe(entry.Name, entry.Tensor.Detach())).ToList(),
            cancellationToken: TestContext.Current.CancellationToken);
        return path;
    }
}
