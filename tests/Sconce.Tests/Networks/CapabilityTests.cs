using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Networks;

/// <summary>What networks say of themselves.</summary>
public partial class CapabilityTests
{
    private static readonly ImageClassifier Classifier = new(4, "head", ImagePreprocessing.ImageNet(8));

    private static readonly ModelVariant Pictures =
        new("tiny", "", _ => new Conv2d(3, 4, 3)) { Capabilities = [TensorInput.Pictures(8), Classifier] };

    [Fact]
    public void A_capability_is_found_by_its_kind_its_base_or_what_several_have_in_common()
    {
        Assert.Equal([3, 8, 8], Pictures.Get<TensorInput>().Shape);
        Assert.Same(Classifier, Pictures.Find<ImageClassifier>());
        Assert.Same(Classifier, Pictures.Find<TakesPictures>());
        Assert.Same(Classifier, Pictures.Find<IHasClasses>());
        Assert.False(Pictures.Has<ImageEncoder>());
        Assert.Null(Pictures.Find<Exportable>());
    }

    [Fact]
    public void One_that_a_network_does_not_have_is_refused_with_those_that_it_has()
    {
        var fault = Assert.Throws<UsageException>(Pictures.Get<ImageGenerator>);
        Assert.Equal("tiny is no image generator: it is tensor input, image classifier", fault.Message);
        var silent = new ModelVariant("own", "", _ => new Conv2d(3, 4, 3));
        Assert.Contains("own is no image classifier", Assert.Throws<UsageException>(silent.Get<ImageClassifier>).Message);
    }

    [Fact]
    public void Another_of_a_kind_takes_the_place_of_the_first_and_one_of_another_kind_joins()
    {
        var grey = Pictures.With(Classifier with { Classes = 7 });
        Assert.Equal(7, grey.Get<ImageClassifier>().Classes);
        Assert.Equal(2, grey.Capabilities.Count);
        var told = Pictures.With((TakesPictures)Classifier with { Preprocessing = ImagePreprocessing.Symmetric(16) });
        Assert.Equal((4, 16), (told.Get<ImageClassifier>().Classes, told.Get<ImageClassifier>().Preprocessing.Size));
        Assert.Equal(3, Pictures.With(new ImageGenerator(5)).Capabilities.Count);
    }

    [Fact]
    public void A_network_is_run_as_it_says_or_on_noise_of_its_input_or_not_at_all()
    {
        using var scope = new TensorScope();
        using var network = new Conv2d(3, 4, 3);
        Assert.Null(Exercise.Of(new ModelVariant("own", "", _ => network)));
        var counter = new FlopCounter();
        using (counter.Watch()) Exercise.Of(Pictures)!.Run(network, 2);
        Assert.Equal(2 * 4 * 6 * 6 * 27, counter.MultiplyAdds);
        int asked = 0;
        Exercise.Of(Pictures.With(new Exercise((_, batch) => asked = batch)))!.Run(network, 3);
        Assert.Equal(3, asked);
        using var pair = new Pair();
        Assert.Throws<InvalidOperationException>(() => Exercise.Of(Pictures)!.Run(pair, 1));
    }

    private sealed partial class Pair : Module;
}
