using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Systems.Analysis.Circuits;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Looks;

public class UnitTests
{
    [Fact]
    public void A_picture_that_is_sought_excites_its_unit_more_than_the_first_one()
    {
        var answer = Units(new UnitSettings { Layer = "conv", Channel = Channels("2"), Steps = 20 });
        var row = Assert.Single(answer.Units.Items);
        Assert.True((double)row[3]! > (double)row[2]! + 0.01, $"{row[2]} {row[3]}");
        var picture = Assert.IsType<MadePicture>(answer.Pictures).Picture;
        Assert.Equal((32, 32), (picture.Width, picture.Height));
    }

    [Fact]
    public void The_same_seed_gives_the_same_picture()
    {
        var settings = new UnitSettings { Layer = "deep", Channel = Channels("1"), Steps = 4, Seed = 3 };
        Assert.Equal(Pixels(Units(settings)), Pixels(Units(settings)));
        Assert.NotEqual(Pixels(Units(settings)), Pixels(Units(settings with { Seed = 4 })));

        static byte[] Pixels(UnitsAnswer answer) => ((MadePicture)answer.Pictures!).Picture.Pixels.ToArray();
    }

    [Fact]
    public void A_layer_without_channels_is_a_sheet_of_all_and_no_layer_lists_them()
    {
        var sheet = Units(new UnitSettings { Layer = "conv", Steps = 1 });
        Assert.Equal(8, Assert.IsType<MadePictures>(sheet.Pictures).Items.Count());
        Assert.Equal(8, sheet.Units.Items.Count);
        var list = Units(new UnitSettings());
        Assert.Null(list.Pictures);
        Assert.Equal(["conv", "act", "deep", "pool", "head"], list.Units.Items.Select(row => (string)row[0]!));
        Assert.Equal(["conv", "convolution 5 × 5", 8L, "32 × 32"], list.Units.Items[0]);
    }

    [Fact]
    public void A_silent_unit_wakes_where_a_louder_picture_reaches_it()
    {
        var answer = Units(new UnitSettings { Layer = "act", Channel = Channels("0"), Steps = 30 }, () =>
        {
            var network = LookedAt.Network();
            using var off = Gradients.Off();
            var conv = (Conv2d)network["conv"];
            conv.Weight.FillInPlace(0);
            conv.Weight.FillInPlace(1, 0, 0, 2, 2);
            conv.Bias!.FillInPlace(-0.6);
            return network;
        });
        Assert.Equal("yes", answer.Units.Items[0][4]);
        Assert.True((double)answer.Units.Items[0][3]! > 0.1);
    }

    [Fact]
    public void What_does_not_exist_is_answered_with_the_nearest()
    {
        var fault = Assert.Throws<SettingsException>(() => Units(new UnitSettings { Layer = "depp", Channel = Channels("0") }));
        Assert.Contains("Did you mean deep?", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<SettingsException>(() => Units(new UnitSettings { Layer = "deep", Channel = Channels("3,7-9") }));
        Assert.Contains("0 to 7", fault.Message, StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => Units(new UnitSettings { Layer = "deep", Channel = Channels("1"), Shares = [1] }));
    }

    [Theory]
    [InlineData("17", true)]
    [InlineData("3,8-11", true)]
    [InlineData("3-", false)]
    [InlineData("9-8", false)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    public void Channels_are_numbers_and_spans(string text, bool isGood) =>
        Assert.Equal(isGood, ChannelChoice.Value.TryRead(text, out var choice) && choice.ToString() == text);

    [Fact]
    public void A_filter_of_upright_stripes_is_tuned_to_them()
    {
        using var session = new ExplainTuning().Open(LookedAt.Request(() =>
        {
            var network = LookedAt.Network();
            using var off = Gradients.Off();
            var weight = ((Conv2d)network["conv"]).Weight;
            weight.FillInPlace(0);
            for (int column = 0; column < 5; column++) weight.FillInPlace(Math.Cos(Math.PI / 2 * (column - 2)), 0, 0, .., column);
            return network;
        }));
        var answer = session.Ask(Nothing.Instance, new TuningSettings { Tuning = true, Layer = "act", Channel = Channels("0") });
        var gratings = answer.Units.Items.Where(row => ((string)row[1]!).StartsWith("grating", StringComparison.Ordinal)).ToList();
        double angle = (double)gratings[0][3]!;
        Assert.True(Math.Min(angle, 180 - angle) < 4, $"{angle}");
        Assert.True((double)gratings[0][4]! > 0.4);
        Assert.Equal(8.0, gratings[1][3]);
        Assert.Contains("<html", answer.Page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Turned_filters_are_a_family_and_weights_that_turn_with_them_are_circulant()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var first = Tensor.Randn([1, 3, 5, 5]);
        var filters = Tensor.Cat([.. Enumerable.Range(0, 4).Select(k => first.Rot90(k, [-2, -1])), Tensor.Randn([2, 3, 5, 5])], 0);
        Assert.Equal([0, 1, 2, 3], Assert.Single(FilterFamilies.Quarters(filters, 0.9)));
        var nearest = FilterFamilies.Nearest(filters);
        Assert.Equal([0, 1, 2, 3], FilterFamilies.Joined(nearest, 0.9)[0]);
        Assert.Equal("turned by 90°", FilterFamilies.Nearest(filters[..2])[0].Relation);
        // A row of weights to the four, and the same row turned with its inputs moved on.
        var row = Tensor.Randn([1, 4, 3, 3]);
        var rows = new List<Tensor> { row };
        for (int k = 1; k < 4; k++) rows.Add(rows[^1].IndexSelect(1, Tensor.From([3L, 0, 1, 2])).Rot90(1, [-2, -1]));
        var (moved, unmoved) = FilterFamilies.Circulance(Tensor.Cat([.. rows], 0), [[0, 1, 2, 3]]);
        Assert.True(moved > 0.999, $"{moved}");
        Assert.True(unmoved < 0.9, $"{unmoved}");
    }

    [Fact]
    public void Families_are_drawn_and_a_layer_that_is_no_convolution_is_refused()
    {
        using var session = new ExplainEquivariance().Open(LookedAt.Request());
        var answer = session.Ask(Nothing.Instance, new EquivarianceSettings { Equivariance = true });
        Assert.Equal(8, answer.Filters.Items.Count);
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, new EquivarianceSettings { Layer = "head" }));
        Assert.Contains("no convolution", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_claim_holds_on_its_figures_and_fails_without_the_right_shift()
    {
        Assert.Equal(Claims.Verdict.Holds, CircuitsClaim.Judge([0.95], [0.7], [0.55], [0.33]).Verdict);
        Assert.Equal(Claims.Verdict.DoesNotHold, CircuitsClaim.Judge([0.95], [0.96], [0.55], [0.33]).Verdict);
        Assert.Equal(Claims.Verdict.DoesNotHold, CircuitsClaim.Judge([0.95], [0.7], [0.4], [0.33]).Verdict);
    }

    private static UnitsAnswer Units(UnitSettings settings, Func<Module>? make = null)
    {
        var session = new ExplainUnits().Open(LookedAt.Request(make));
        var answer = session.Ask(Nothing.Instance, settings);
        if (answer.Pictures is not MadePictures) session.Dispose();
        return answer;
    }

    private static ChannelChoice Channels(string text) =>
        ChannelChoice.Value.TryRead(text, out var choice) ? choice : throw new ArgumentException(text);
}
