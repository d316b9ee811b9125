using Sconce.Systems.Video.Dubbing;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Dubbing;

public sealed class SpeechFeaturesTests
{
    private static readonly SpeechFeatures Features = new();

    [Fact]
    public void Silence_is_the_lowest_value_and_there_are_eighty_steps_a_second()
    {
        using var scope = new TensorScope();
        var mel = Features.Of(Tensor.Zeros([16_000]));
        Assert.Equal([80, 81], mel.Shape.ToArray());
        Assert.True(mel.Eq(-4).All().Item<bool>());
        Assert.Equal(80, Features.StepRate);
    }

    [Theory]
    [InlineData(440)]
    [InlineData(1000)]
    [InlineData(3000)]
    public void A_tone_is_loudest_in_the_band_that_holds_it(double hertz)
    {
        using var scope = new TensorScope();
        float[] tone = [.. Enumerable.Range(0, 8000).Select(k => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * k / 16_000)))];
        long loudest = Features.Of(Tensor.From(tone))[.., 20].Argmax().Item<long>();
        var filter = Features.Filters()[loudest];
        double peak = filter.Argmax().Item<long>() * 16_000.0 / Features.Window;
        Assert.InRange(peak, hertz * 0.9, hertz * 1.1);
    }

    [Fact]
    public void Every_band_has_an_area_of_one()
    {
        using var scope = new TensorScope();
        var areas = Features.Filters().Sum([1]) * (16_000.0 / Features.Window);
        Assert.True(areas[30..].Allclose(Tensor.Ones([50]), atol: 0.05)); // lower ones are narrower than a bin
        Assert.Equal([80, 401], Features.Filters().Shape.ToArray());
    }

    [Fact]
    public void A_frame_begins_where_its_time_is()
    {
        Assert.Equal(0, Features.FirstStep(0, 25));
        Assert.Equal(3, Features.FirstStep(1, 25));
        Assert.Equal(80, Features.FirstStep(25, 25));
        Assert.Equal(80, Features.FirstStep(30, 30));
    }

    [Fact]
    public void A_sound_too_short_for_a_window_is_one_clear_error()
    {
        using var scope = new TensorScope();
        var tooShort = () => Features.Of(Tensor.Zeros([400]));
        Assert.Contains("400", Assert.Throws<TorchException>(tooShort).Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => Features.Of(Tensor.Zeros([1, 16_000])));
    }
}
