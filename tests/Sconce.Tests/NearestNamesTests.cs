using Xunit;

namespace Sconce.Tests;

public class NearestNamesTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("wieght", "weight", 1)]
    [InlineData("ca", "abc", 3)]
    public void The_distance_counts_edits_and_swaps(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestNames.Distance(a, b));
        Assert.Equal(expected, NearestNames.Distance(b, a));
    }

    [Fact]
    public void The_nearest_names_come_best_first()
    {
        string[] names = ["vit", "clip", "nfnets", "resnest", "barlow_twins"];
        Assert.Equal(["clip"], NearestNames.Find("clpi", names));
        Assert.Equal("nfnets", NearestNames.Find("NFNet", names)[0]);
        Assert.Equal("barlow_twins", NearestNames.Find("barlow", names)[0]);
        Assert.Empty(NearestNames.Find("stable_diffusion", names));
    }

    [Fact]
    public void A_suggestion_is_a_sentence_or_nothing()
    {
        Assert.Equal("", NearestNames.Suggest("xyz", ["abc"]));
        Assert.Equal("Did you mean vit?", NearestNames.Suggest("vti", ["vit", "clip"]));
        Assert.Equal("Did you mean bat or cat?", NearestNames.Suggest("aat", ["cat", "bat"]));
    }

    [Fact]
    public void Long_names_are_compared_in_bounded_time() =>
        Assert.Equal(0, NearestNames.Distance(new string('a', 10_000_000), new string('a', 9_000_000)));
}
