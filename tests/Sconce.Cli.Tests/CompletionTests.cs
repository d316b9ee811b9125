using Xunit;

namespace Sconce.Cli.Tests;

public class CompletionTests
{
    [Theory]
    [InlineData("sconce sh|", "show")]
    [InlineData("./sconce sh|", "show")]
    [InlineData("sconce show al|", "alpha,alpha_large,alpha_pair,alpha_small")]
    [InlineData("sconce claim |", "alpha,beta_net,delta")]
    [InlineData("sconce predict al|", "alpha,alpha_large,alpha_pair,alpha_small")]
    [InlineData("sconce clas|", "classify")]
    [InlineData("sconce predict alpha --la|", "--labels")]
    [InlineData("sconce predict alpha --variant alpha_l|", "alpha_large")]
    [InlineData("sconce list --task dense|", "dense-prediction")]
    [InlineData("sconce list --week 2020|", "2020-W49")]
    [InlineData("sconce weights model.pth --check alpha_s|", "alpha_small")]
    [InlineData("sconce completion |", "bash,zsh")]
    public void Names_are_completed_at_the_cursor(string line, string expected)
    {
        int cursor = line.IndexOf('|');
        var outcome = CommandLine.Run($"[suggest:{cursor}]", line.Remove(cursor, 1));
        Assert.Equal(0, outcome.Status);
        Assert.Equal(expected.Split(','), outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(name => !name.StartsWith('-') || expected.StartsWith('-')).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F")]
    [InlineData("zsh", "compdef")]
    public void The_shells_scripts_ask_the_command_itself(string shell, string registration)
    {
        string script = CommandLine.Run("completion", shell).Out;
        Assert.Contains(registration, script);
        Assert.Contains("[suggest:", script);
    }
}
