using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

public class KeyMatchTests
{
    static NamedShape Key(string name, params long[] shape) => new(name, shape);

    [Fact]
    public void Names_and_shapes_that_agree_are_exact()
    {
        var report = KeyMatch.Compare([Key("a", 2, 3), Key("b")], [Key("b"), Key("a", 2, 3)]);
        Assert.True(report.IsExact);
        Assert.Equal(["a", "b"], report.Matched);
        Assert.Equal("2 matched, 0 missing, 0 unexpected, 0 of another shape", report.ToString());
    }

    [Fact]
    public void Everything_that_differs_is_told_at_once_with_the_nearest_names()
    {
        var report = KeyMatch.Compare(
            [Key("conv1.weight", 16, 3, 3, 3), Key("fc.weight", 10, 64), Key("fc.bias", 10)],
            [Key("conv1.weight", 16, 3, 5, 5), Key("fc.wieght", 10, 64), Key("extra", 1), Key("fc.bias", 10)]);
        Assert.False(report.IsExact);
        Assert.Equal(["fc.wieght"], Assert.Single(report.Missing).Nearest);
        Assert.Equal(["fc.wieght", "extra"], report.Unexpected.Select(u => u.Name));
        Assert.Equal([16L, 3, 5, 5], Assert.Single(report.MisShaped).Found);
        var text = report.ToString();
        Assert.Contains("1 matched, 1 missing, 2 unexpected, 1 of another shape", text);
        Assert.Contains("'fc.weight' (10, 64)  near: 'fc.wieght'", text);
        Assert.Contains("'conv1.weight' is (16, 3, 5, 5) in the file, (16, 3, 3, 3) in the network", text);
    }

    [Fact]
    public void Names_of_the_right_shape_are_suggested_first()
    {
        var report = KeyMatch.Compare([Key("norm1.weight", 8)], [Key("norm2.weight", 9), Key("norm.weight", 8)]);
        Assert.Equal(["norm.weight"], report.Missing[0].Nearest);
    }

    [Fact]
    public void A_prefix_in_front_of_every_name_is_seen()
    {
        NamedShape[] network = [Key("a.weight", 1), Key("a.bias", 1), Key("b.weight", 1)];
        var longer = KeyMatch.Compare(network, network.Select(k => k with { Name = "backbone." + k.Name }));
        Assert.Contains("have 'backbone.' in front", longer.Hint);
        Assert.Contains(longer.Hint, longer.ToString());
        Assert.Equal("backbone.a.weight", longer.Missing[0].Nearest[0]);
        var shorter = KeyMatch.Compare(network.Select(k => k with { Name = "visual." + k.Name }), network);
        Assert.Contains("lack 'visual.'", shorter.Hint);
    }

    [Fact]
    public void The_text_stays_short_for_thousands_of_names()
    {
        var report = KeyMatch.Compare(
            Enumerable.Range(0, 5000).Select(i => Key($"blocks.{i}.attn.qkv.weight{new string('x', 500)}", 1)),
            Enumerable.Range(0, 5000).Select(i => Key($"layers.{i}.attention.{new string('y', 500)}", 2)));
        Assert.Equal(5000, report.Missing.Count);
        Assert.True(report.ToString().Length < 10_000);
        Assert.Contains("and 4990 more", report.ToString());
    }
}
