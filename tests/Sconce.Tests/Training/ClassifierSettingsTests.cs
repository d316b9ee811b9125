using Sconce.Catalogue;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

public sealed class ClassifierSettingsTests
{
    [Fact]
    public void A_refusal_names_the_settings_that_were_made_and_no_others()
    {
        var asked = new TrainingConfiguration { CutMix = 1, Erasing = 0.5, LabelSmoothing = 0.1 };
        Assert.Equal("views makes its own views of pictures: leave --cutmix and --erasing out", Refusal(() => ClassifierSettings.RefuseAugmentation(asked, "views")));
        Assert.Equal("it mixes already: leave --cutmix out", Refusal(() => ClassifierSettings.RefuseMixing(asked, "it mixes already")));
        Assert.Equal("own has a loss of its own: leave --label-smoothing out", Refusal(() => ClassifierSettings.RefuseSmoothing(asked, "own")));
        Assert.Equal("--cutmix, --erasing and --label-smoothing are for classifiers: this finds boxes", Refusal(() => ClassifierSettings.Refuse(asked, "this finds boxes")));
        ClassifierSettings.Refuse(new TrainingConfiguration(), "this finds boxes");
    }

    [Fact]
    public void A_run_without_pictures_is_asked_which()
    {
        Assert.Equal("which pictures? Name a folder with --data", Refusal(() => ConfiguredParts.Verify(new TrainingConfiguration())));
        Assert.Equal("which pictures? Name a folder with --data; any will do", Refusal(() => ConfiguredParts.Verify(new TrainingConfiguration(), "any will do")));
        Assert.Contains("epochs", Refusal(() => ConfiguredParts.Verify(new TrainingConfiguration { Data = "pictures", Epochs = 0 })), StringComparison.Ordinal);
    }

    private static string Refusal(Action action) => Assert.Throws<UsageException>(action).Message;
}
