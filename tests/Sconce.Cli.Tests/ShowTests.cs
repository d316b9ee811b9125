using Sconce.Torch;
using Xunit;

namespace Sconce.Cli.Tests;

public class ShowTests
{
    [Fact]
    public void A_card_tells_paper_networks_weights_claim_and_what_to_type()
    {
        var outcome = CommandLine.Run("show", "alpha");
        Assert.Equal(0, outcome.Status);
        Assert.Equal("""
            Alpha
            Names <pictures>, fast.

            name   alpha
            task   classification
            week   2021-W07
            paper  On Alpha | and more. A. Author, B. Writer, 2021
            arXiv  https://arxiv.org/abs/2101.00001
            code   https://github.com/owner/name/tree/0123456

            Networks
            network      parameters  input  classes  what it is
            alpha_small          36  8            4  the small one
            alpha_large       3,240  80          40  the large one
            alpha_pair            –  –            –  takes two tensors
            sconce show alpha_small

            Official weights
            network      licence  address                              note
            alpha_small  MIT      https://example.org/alpha_small.pth  not verified here

            Claim
            Alpha beats the baseline & <others>.
            rule   holds if the mean is higher by 0.1
            takes  about 30 s on two cores, 2 seeds
            data   its own, or with --data a folder of pictures
            sconce claim alpha

            Classify
            A file in, your labels out.
            --labels  What it may be.
            sconce classify alpha --help

            """, outcome.Out);
    }

    [Fact]
    public void A_card_as_json_holds_the_same()
    {
        var card = CommandLine.Run("show", "alpha", "--json").Json;
        Assert.Equal("https://example.org/alpha_small.pth",
            card.GetProperty("networks")[0].GetProperty("weights")[0].GetProperty("address").GetString());
        Assert.Equal(2, card.GetProperty("claim").GetProperty("seeds").GetInt32());
        Assert.Equal("labels", card.GetProperty("abilities")[0].GetProperty("settings")[0].GetProperty("name").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, CommandLine.Run("show", "gamma", "--json").Json.GetProperty("claim").ValueKind);
    }

    [Fact]
    public void A_card_names_the_methods_of_training_as_text_and_as_json()
    {
        string text = MethodRuns.Run("show", "methods").Out;
        Assert.Contains("Train: --method frost", text);
        Assert.Contains("--labels-per-class", text);
        var methods = MethodRuns.Run("show", "methods", "--json").Json.GetProperty("methods");
        Assert.Equal(new MethodSystem().Methods.Select(method => method.Name),
            methods.EnumerateArray().Select(method => method.GetProperty("name").GetString()));
        var correction = methods.EnumerateArray().Single(method => method.GetProperty("name").GetString() == "noise_correction");
        Assert.Contains("labels of which a known share", correction.GetProperty("purpose").GetString());
        var noise = correction.GetProperty("options")[0];
        Assert.Equal("noise", noise.GetProperty("name").GetString());
        Assert.Equal("0.2", noise.GetProperty("default").GetString());
        Assert.Equal("a number from 0 on, below 1", noise.GetProperty("range").GetString());
        Assert.Equal(0, CommandLine.Run("show", "alpha", "--json").Json.GetProperty("methods").GetArrayLength());
    }

    [Fact]
    public void A_network_is_counted()
    {
        var network = CommandLine.Run("show", "alpha_small", "--batch", "3", "--json").Json;
        Assert.Equal(36, network.GetProperty("parameters").GetInt64());
        Assert.Equal(144, network.GetProperty("stateBytes").GetInt64());
        var forward = network.GetProperty("forward");
        Assert.Equal(3 * 8 * 4, forward.GetProperty("multiplyAdds").GetInt64());
        Assert.Equal(3 * 4, forward.GetProperty("activations").GetInt64());
        Assert.InRange(forward.GetProperty("peakBytes").GetInt64(), 3 * 4 * 4, 10_000);
        Assert.Contains("aten::linear",
            forward.GetProperty("operators").EnumerateArray().Select(cost => cost.GetProperty("operator").GetString()));

        string text = CommandLine.Run("show", "alpha-small").Out;
        Assert.Contains("parameters         36 (36)", text);
        Assert.Contains("multiply-adds  32 ", text);
    }

    [Theory]
    [InlineData("alpha_small", "packed")]
    [InlineData("alpha_pair", "no: it takes more than one tensor")]
    public void A_network_says_which_form_it_has_once_compiled_or_why_none(string name, string form)
    {
        if (!ScriptModule.CanFuse && form == "packed") form = "optimised";
        Assert.StartsWith(form, CommandLine.Run("show", name, "--compile", "--json").Json.GetProperty("compiled").GetString());
        Assert.Contains(form, CommandLine.Run("show", name, "--compile").Out);
    }

    [Fact]
    public void A_network_that_does_not_say_how_it_is_run_still_tells_its_parameters()
    {
        var outcome = CommandLine.Run("show", "alpha_pair");
        Assert.Equal(0, outcome.Status);
        Assert.Contains("6 (6)", outcome.Out);
        Assert.Contains("no operations were counted", outcome.Out);
    }

    [Theory]
    [InlineData("alhpa", "alpha")]
    [InlineData("betanet", "beta_net")]
    [InlineData("alpha_smal", "alpha_small")]
    public void A_typo_gets_the_nearest_name(string typo, string meant)
    {
        var outcome = CommandLine.Run("show", typo);
        Assert.Equal(2, outcome.Status);
        Assert.Empty(outcome.Out);
        Assert.Equal(1, outcome.Error.Count(letter => letter == '\n'));
        Assert.Contains("Did you mean", outcome.Error);
        Assert.Contains(meant, outcome.Error);
    }
}
