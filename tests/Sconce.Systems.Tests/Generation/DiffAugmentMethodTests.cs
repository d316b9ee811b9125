using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Two players on few pictures, as <c>sconce train</c> has them.</summary>
[Collection(LiveTensors.Name)]
public sealed class DiffAugmentMethodTests : IDisposable
{
    private readonly TrialRuns runs = new(new DiffAugmentMethod(), new MiniGenerators());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData("mini_dcgan", 1)]
    [InlineData("mini_stylegan", 2)]
    public void A_run_that_was_stopped_at_a_random_step_goes_on_bit_for_bit(string network, int seed)
    {
        var whole = runs.AssertResumes(Asked(network), new Random(seed).Next(2, 9));
        Assert.True(double.IsFinite(whole.Best!.Figures["fid"]));
        string[] samples = [.. runs.Samples("whole").Select(path => Path.GetFileName(path))];
        Assert.Equal(["0001-grid.png", "0001-nearest.png", "0002-grid.png", "0002-nearest.png"], samples);
    }

    [Fact]
    public void A_run_generates_with_its_averaged_weights_and_is_evaluated()
    {
        var asked = Asked("mini_dcgan");
        var result = runs.Train(asked, "run");
        var trained = runs.Trained(asked, "run");
        using var session = trained.Target(new MiniGenerators(), new DiffAugmentMethod()).Open<GenerateSession>(Verb.Generate);
        Assert.Equal(3, session.Ask(Nothing.Instance, new GenerateSettings { Count = 3 }).Items.Count());
        var report = new DiffAugmentMethod().Evaluate(trained, null, 4, null, default);
        Assert.Equal(result.Best!.Figures["fid"], report.Figures["fid"], 1e-3 * result.Best.Figures["fid"]);
        Assert.Equal(["fid", "spread", "kid", "precision", "recall", "nearer", "copied"], report.Figures.Keys);
        Assert.Contains(report.Remarks, remark => remark.Contains("the learned pictures lie to each other", StringComparison.Ordinal));
        Assert.Contains(report.Remarks, remark => remark.Contains("not in Inception's", StringComparison.Ordinal));
        Assert.Contains(report.Remarks, remark => remark.Contains("24 painted and 8 other", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_open_follows_from_the_network()
    {
        var plain = runs.Settled(Asked("mini_dcgan")).Of<AdversarialTrainingSettings>();
        Assert.Equal(("color,translation,cutout", 0.0, 0.0), (plain.Game.Augment, plain.Game.R1, plain.Game.PathLength));
        Assert.Equal((2e-4, 64, "fid"), (plain.Optimization.LearningRate, plain.Pictures.ImageSize, plain.Run.Watched));
        var styled = runs.Settled(runs.Asked("mini_stylegan", _ => new())).Of<AdversarialTrainingSettings>();
        Assert.Equal((10.0, 2.0, 0.0, 0.99), (styled.Game.R1, styled.Game.PathLength, styled.Game.Beta1, styled.Game.Beta2));
        Assert.Equal((2e-3, 8, 125), (styled.Optimization.LearningRate, styled.Pictures.ImageSize, styled.Game.Passes));
    }

    [Fact]
    public void Pictures_are_seen_as_they_are_where_somebody_types_none()
    {
        var asked = Asked("mini_dcgan");
        var typed = asked with { Settings = new DiffAugmentMethod().Settings.Read(asked.Settings, [new("augment", "none")]) };
        Assert.Equal("none", runs.Settled(typed).Of<AdversarialTrainingSettings>().Game.Augment);
    }

    [Fact]
    public void Whether_it_repeats_what_it_learned_is_asked_beside_other_pictures_too()
    {
        var asked = Asked("mini_dcgan");
        runs.Train(asked, "run");
        var trained = runs.Trained(asked, "run");
        string other = Directory.CreateDirectory(Path.Combine(runs.Root, "other")).FullName;
        for (int k = 0; k < 5; k++)
        {
            var picture = new Image(20, 20);
            new Random(k).NextBytes(picture.Pixels);
            picture.Save(Path.Combine(other, $"{k}.png"));
        }

        var report = new DiffAugmentMethod().Evaluate(trained, other, 4, null, default);
        Assert.InRange(report.Figures["nearer"], 0, 1);
        Assert.Contains(report.Remarks, remark => remark.Contains("the pictures asked about lie", StringComparison.Ordinal));
        var gone = trained.Configuration! with { };
        gone = gone.With(gone.Run with { Data = Path.Combine(runs.Root, "gone") });
        report = new DiffAugmentMethod().Evaluate(trained with { Configuration = gone }, other, 4, null, default);
        Assert.DoesNotContain("copied", report.Figures.Keys);
        Assert.Contains(report.Remarks, remark => remark.Contains("was not asked", StringComparison.Ordinal));
    }

    [Fact]
    public void Pictures_are_changed_with_a_fixed_chance_or_one_that_follows_but_not_both()
    {
        Assert.Equal(0.5, runs.Settled(runs.Asked("mini_dcgan", game => game with { AugmentShare = 0.5 }))
            .Of<AdversarialTrainingSettings>().Game.AugmentShare);
        var both = runs.Asked("mini_dcgan", game => game with { AugmentShare = 0.5, AdaptTo = 0.6 });
        Assert.Equal("augmentShare", Assert.Throws<SettingsException>(() => runs.Open(both)).Setting);
    }

    [Theory]
    [InlineData("word", "there is no 'colour'")]
    [InlineData("network", "is no generator with a discriminator")]
    [InlineData("batch", "there are 8 pictures")]
    public void What_cannot_be_trained_is_one_line(string fault, string expected)
    {
        var asked = fault switch
        {
            "word" => runs.Asked("mini_dcgan", game => game with { Augment = "colour" }),
            "network" => Asked("mini_line"),
            _ => Asked("mini_dcgan") is var own ? own.With(own.Run with { Batch = 9 }) : null!,
        };
        Assert.Contains(expected, Assert.ThrowsAny<Exception>(() => runs.Open(asked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_draws_what_the_discriminator_sees()
    {
        using var run = runs.Open(Asked("mini_dcgan"));
        string picture = Path.Combine(runs.Root, "check.png");
        Assert.Equal(2, run.Check(picture, TestContext.Current.CancellationToken).Count);
        Assert.True(Image.Load(picture).Width > 64);
    }

    /// <summary>Penalties every second step, a probability that moves.</summary>
    private RunConfiguration Asked(string network) => network == "mini_stylegan"
        ? runs.Asked(network, game => game with { R1Every = 2, PathEvery = 2, AdaptTo = 0.5 })
        : runs.Asked(network);
}
