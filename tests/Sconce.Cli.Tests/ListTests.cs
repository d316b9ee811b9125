using Xunit;

namespace Sconce.Cli.Tests;

public class ListTests
{
    [Fact]
    public void Systems_come_in_alphabetical_order_one_a_line()
    {
        var outcome = CommandLine.Run("list");
        Assert.Equal(0, outcome.Status);
        Assert.Equal("""
            name      week      task              what it is
            alpha     2021-W07  classification    Names <pictures>, fast.
            beta_net  2020-W49  dense-prediction  Waits.
            delta     2021-W05  training          Breaks.
            gamma     2021-W05  training          Does nothing.

            """, outcome.Out);
        Assert.Empty(outcome.Error);
    }

    [Theory]
    [InlineData("alpha", "list", "*pha")]
    [InlineData("alpha", "list", "ALPHA")]
    [InlineData("beta_net", "list", "beta-net")]
    [InlineData("beta_net", "list", "--task", "dense-prediction")]
    [InlineData("beta_net", "list", "--task", "DensePrediction")]
    [InlineData("beta_net", "list", "--week", "2020")]
    [InlineData("delta,gamma", "list", "--week", "2021-W05")]
    [InlineData("alpha,delta,gamma", "list", "--week", "2021-*")]
    [InlineData("gamma", "list", "--week", "2021-W05", "g?mma")]
    public void Filters_narrow_the_list(string expected, params string[] arguments)
    {
        var outcome = CommandLine.Run([.. arguments, "--json"]);
        Assert.Equal(expected.Split(','), outcome.Json.EnumerateArray().Select(system => system.GetProperty("name").GetString()));
    }

    [Fact]
    public void A_filter_that_nothing_fits_gives_an_empty_list_and_says_so_beside_it()
    {
        var outcome = CommandLine.Run("list", "z*", "--json");
        Assert.Equal(0, outcome.Status);
        Assert.Equal(0, outcome.Json.GetArrayLength());
        Assert.Contains("no system fits", outcome.Error);
    }

    [Fact]
    public void Json_tells_networks_claim_and_paper()
    {
        var alpha = CommandLine.Run("list", "alpha", "--json").Json[0];
        Assert.Equal(["alpha_small", "alpha_large", "alpha_pair"],
            alpha.GetProperty("networks").EnumerateArray().Select(name => name.GetString()));
        Assert.True(alpha.GetProperty("hasClaim").GetBoolean());
        Assert.Equal("classify", alpha.GetProperty("verbs")[0].GetString());
        Assert.Equal("classification", alpha.GetProperty("task").GetString());
        Assert.Equal("2101.00001", alpha.GetProperty("paper").GetProperty("arXiv").GetString());
    }

    [Fact]
    public void Markdown_is_a_table_whose_cells_cannot_break_it() => Assert.Equal("""
        | System | Week | Paper | What it is | What one does with it |
        | --- | --- | --- | --- | --- |
        | `alpha` | 2021-W07 | [On Alpha \| and more](https://arxiv.org/abs/2101.00001), 2021 | Names &lt;pictures>, fast. | `classify` `train` `claim` |

        """, CommandLine.Run("list", "alpha", "--markdown").Out);

    [Fact]
    public void Networks_are_listed_with_their_sizes()
    {
        Assert.Equal("""
            network      system  parameters  input  what it is
            alpha_large  alpha        3,240  80     the large one
            alpha_small  alpha           36  8      the small one

            """, CommandLine.Run("list", "--models", "alpha_*l*e").Out + CommandLine.Run("list", "--models", "alpha_s*").Out.Split('\n', 2)[1]);
        Assert.Equal(3, CommandLine.Run("list", "--models", "--json").Json.GetArrayLength());
        Assert.Equal(0, CommandLine.Run("list", "--models", "--task", "training", "--json").Json.GetArrayLength());
        Assert.Contains("`alpha_small` | `alpha` | 36 | 8 |", CommandLine.Run("list", "--models", "--markdown").Out);
    }

    [Fact]
    public void A_terminal_gets_styles_and_its_width_a_pipe_gets_neither()
    {
        var shown = CommandLine.Run(new CommandLine.Settings(IsTerminal: true, Width: 50), "list");
        Assert.Contains('\u001b', shown.Out);
        Assert.All(shown.Out.Split('\n'), line => Assert.InRange(Visible(line).Length, 0, 50));
        Assert.DoesNotContain('\u001b', CommandLine.Run("list").Out);
    }

    private static string Visible(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\u001b\\[[0-9;]*m", "");
}
