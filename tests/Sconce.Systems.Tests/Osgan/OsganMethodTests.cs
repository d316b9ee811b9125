using Sconce.Systems.Generation.Osgan;
using Sconce.Systems.Tests.Generation;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Osgan;

/// <summary>Both players from one pass, as <c>sconce train --method osgan</c> has them.</summary>
[Collection(LiveTensors.Name)]
public sealed class OsganMethodTests : IDisposable
{
    private readonly TrialRuns runs = new(new OsganMethod(), new MiniGenerators());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData("mini_dcgan", OneStageGame.Symmetric, 3)]
    [InlineData("mini_dcgan_groups", OneStageGame.Asymmetric, 8)]
    [InlineData("mini_stylegan", OneStageGame.Symmetric, 5)]
    public void A_run_that_was_stopped_goes_on_bit_for_bit(string network, OneStageGame game, int after)
    {
        var asked = runs.Asked(network);
        Assert.Equal(game, runs.Settled(asked).Of<OsganSettings>().OneStage.Kind);
        Assert.True(double.IsFinite(runs.AssertResumes(asked, after).Best!.Figures["fid"]));
    }

    [Fact]
    public void Wassersteins_game_cuts_off_the_discriminators_weights()
    {
        runs.Train(With("mini_dcgan", OneStageGame.Wgan), "run");
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(runs.Root, "run", "last.ckpt"));
        var weights = checkpoint.Tensors.Where(tensor => tensor.Name.Contains("discriminator.conv", StringComparison.Ordinal)
            && tensor.Name.EndsWith("weight", StringComparison.Ordinal) && tensor.Shape.Count == 4).ToList();
        Assert.NotEmpty(weights);
        Assert.All(weights, weight => Assert.True(ModelWeights.ToTensor(weight).Abs().Max().Item<double>() <= 0.01 + 1e-9));
    }

    [Theory]
    [InlineData("mini_dcgan", "bn")]
    [InlineData("mini_stylegan", "deviation")]
    public void A_discriminator_that_looks_at_its_batch_is_refused_by_the_layers_name(string network, string layer)
    {
        var fault = Assert.Throws<SettingsException>(() => runs.Open(With(network, OneStageGame.Asymmetric)));
        Assert.Contains(layer, fault.Message, StringComparison.Ordinal);
        Assert.Contains("osgan_celeba_asymmetric", fault.Message, StringComparison.Ordinal);
    }

    private RunConfiguration With(string network, OneStageGame game)
    {
        var asked = runs.Asked(network);
        return asked with { Settings = asked.Of<OsganSettings>() with { OneStage = new() { Kind = game } } };
    }
}
