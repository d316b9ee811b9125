using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Adversarial;

public sealed class AugmentShareTests
{
    [Fact]
    public void A_fixed_chance_below_one_leaves_some_pictures_as_they_are()
    {
        var game = new AdversarialSettings { Augment = "cutout", AugmentShare = 0.25, R1 = 0, PathLength = 0 };
        Assert.Equal(0.25, AdversarialDefaults.RulesOf(game, 8).Policy.Probability);
        Assert.Equal(1, AdversarialDefaults.RulesOf(game with { AugmentShare = 1 }, 8).Policy.Probability);
        Assert.Throws<SettingsException>(() => AdversarialSettings.Schema.Read([new("augmentShare", "0")]));
    }
}
