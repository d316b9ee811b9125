using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Osgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Osgan;

[Collection(LiveTensors.Name)]
public sealed class OneStageTests
{
    public static TheoryData<string> Games => ["Saturating", "NonSaturating", "LeastSquares", "Hinge", "Wasserstein"];

    private static GanLoss Named(string name) => name switch
    {
        "Saturating" => GanLoss.Saturating,
        "NonSaturating" => GanLoss.NonSaturating,
        "LeastSquares" => GanLoss.LeastSquares,
        "Hinge" => GanLoss.Hinge,
        _ => GanLoss.Wasserstein,
    };

    [Theory]
    [MemberData(nameof(Games))]
    public void One_pass_gives_the_gradients_of_two(string name)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        var loss = Named(name);
        using var generator = new Sequential(new Linear(4, 16), new Relu(), new Linear(16, 48), new Tanh());
        using var discriminator = new Sequential(new Linear(48, 16), new LeakyRelu(0.2), new Linear(16, 1));
        Init.Normal(((Linear)discriminator[2]).Weight, 2); // judgements far apart: some hinges are not active
        foreach (var network in (Module[])[generator, discriminator]) network.To(DType.Float64);
        Tensor z = Tensor.Randn([32, 4], DType.Float64), real = Tensor.Randn([32, 48], DType.Float64);

        Gradients.Backward([loss.OfDiscriminator(discriminator.Call(real), discriminator.Call(generator.Call(z).Detach()))]);
        var wantedD = discriminator.Parameters().Select(parameter => parameter.Grad!.Clone()).ToList();
        discriminator.ZeroGrad();
        Gradients.Backward([loss.OfGenerator(discriminator.Call(generator.Call(z)))]);
        var wantedG = generator.Parameters().Select(parameter => parameter.Grad!.Clone()).ToList();
        discriminator.ZeroGrad();
        generator.ZeroGrad();

        var losses = OneStage.Backward(loss, generator.Call(z), discriminator.Call, real);
        if (name == "Hinge") Assert.True(losses.Ratios.Eq(0).Any().Item<bool>() && losses.Ratios.Eq(-1).Any().Item<bool>());
        Assert.All(
            discriminator.Parameters().Zip(wantedD), pair => Assert.True(pair.First.Grad!.Allclose(pair.Second, rtol: 1e-7, atol: 1e-12)));
        Assert.All(
            generator.Parameters().Zip(wantedG), pair => Assert.True(pair.First.Grad!.Allclose(pair.Second, rtol: 1e-7, atol: 1e-12)));
    }

    [Fact]
    public void A_fake_that_is_surely_one_still_teaches_the_generator()
    {
        using var scope = new TensorScope();
        using var generator = new Linear(1, 1);
        Init.Constant(generator.Weight, 1);
        var loss = GanLoss.NonSaturating;
        foreach (float judgement in (float[])[-20, -300])
        {
            generator.ZeroGrad();
            OneStage.Backward(
                loss, generator.Call(Tensor.Ones([1, 1])),
                fakes => fakes * 0.5 + (judgement - 0.5 * generator.Call(Tensor.Ones([1, 1])).Detach()), Tensor.Zeros([1, 1]));
            Assert.Equal(-0.5, generator.Bias!.Grad!.Item<double>(), 1e-4); // ∂softplus(−p)/∂p is −1 there, ∂p/∂x a half
        }
    }

    [Fact]
    public void A_loss_that_is_averaged_already_is_refused_by_name()
    {
        using var scope = new TensorScope();
        var fakes = Tensor.Randn([4, 2]);
        var error = Assert.Throws<ArgumentException>(() => OneStage.Backward(fakes, crossing =>
        {
            var judged = crossing.Sum([1]);
            return new OneStageTerms(Tensor.Zeros([]), judged, judged.Softplus().Mean(), (-judged).Softplus());
        }));
        Assert.Contains("a number for each fake", error.Message);
        Assert.Contains("discriminator's loss over fakes", error.Message);
    }

    [Fact]
    public void Batch_norms_in_the_discriminator_are_refused_unless_the_game_is_symmetric()
    {
        using var batch = new DcGanDiscriminator(1, 16);
        using var group = new DcGanDiscriminator(1, 16, DcGanNorm.Group);
        using var style = new StyleGan2Discriminator(new StyleGanConfig(8) { Channels = new Dictionary<int, int> { [4] = 4, [8] = 4 } });
        Assert.Contains("conv2_bn", Assert.Throws<ArgumentException>(() => OneStage.Verify(batch, GanLoss.NonSaturating)).Message);
        Assert.Throws<ArgumentException>(() => OneStage.Verify(style, GanLoss.Hinge));
        OneStage.Verify(batch, GanLoss.Saturating);
        OneStage.Verify(group, GanLoss.NonSaturating);
    }

    [Fact]
    public void A_step_leaves_nothing_behind()
    {
        using var generator = new DcGanGenerator(4, 1, 4);
        using var discriminator = new DcGanDiscriminator(1, 16, DcGanNorm.Group);
        Step();
        long live = LiveTensors.Count;
        Step();
        Assert.Equal(live, LiveTensors.Count);

        void Step()
        {
            using var scope = new TensorScope();
            OneStage.Backward(
                GanLoss.NonSaturating, generator.Call(Tensor.Randn([2, 4])), discriminator.Call, Tensor.Randn([2, 1, 64, 64]));
            generator.ZeroGrad();
            discriminator.ZeroGrad();
        }
    }

    [Theory]
    [InlineData(0xd888db98c5c7b71c)]
    public void The_generators_keys_are_the_official_ones(ulong hash)
    {
        using var skipped = Init.Skipped();
        using var network = new DcGanGenerator();
        Assert.Equal(hash, StateHash.Of(network));
    }

    [Fact]
    public void The_discriminators_keys_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var batch = new DcGanDiscriminator();
        using var group = new DcGanDiscriminator(3, 16, DcGanNorm.Group);
        Assert.Equal(0xdaa7d68223120e4d, StateHash.Of(batch));
        Assert.Equal(0x64ed66b66478f631u, StateHash.Of(group));
    }
}
