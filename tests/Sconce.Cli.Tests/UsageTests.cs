using Xunit;

namespace Sconce.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("there is no command 'lst'. Did you mean list?", "lst")]
    [InlineData("there is no option '--tsk' for 'sconce list'. Did you mean --task?", "list", "--tsk", "x")]
    [InlineData("there is no option '--jsn' for 'sconce list'. Did you mean --json?", "list", "--jsn")]
    [InlineData("there is no task 'trainin'. Did you mean training?", "list", "--task", "trainin")]
    [InlineData("there is no system 'alhpa'. Did you mean alpha?", "list", "alhpa")]
    [InlineData("there is no system 'zzz' ('sconce list' names them all)", "claim", "zzz")]
    [InlineData("there is no system 'alhpa' for 'sconce predict'. Did you mean alpha?", "predict", "alhpa")]
    [InlineData("required argument 'name' missing for command: 'show' ('sconce show --help' shows how)", "show")]
    [InlineData("--seeds takes a whole number from 1 on, not '0' ('sconce claim --help' shows how)", "claim", "alpha", "--seeds", "0")]
    [InlineData("gamma makes no claim ('sconce show gamma' says what it is)", "claim", "gamma")]
    [InlineData("which claim? Name a system, or type --all ('sconce claim --help' shows how)", "claim")]
    [InlineData("--data: there is no folder '/no/such'", "claim", "alpha", "--data", "/no/such")]
    [InlineData("there is no file '/no/such.pth'", "weights", "/no/such.pth")]
    [InlineData("there is no network 'alpha_smal': did you mean alpha_small?", "list", "--models", "alpha_smal")]
    [InlineData("there is no completion for 'tcsh': bash or zsh", "completion", "tcsh")]
    [InlineData("there is no file '/no/photo.jpg'", "predict", "alpha", "--image", "/no/photo.jpg")]
    [InlineData("--labels is missing: What it may be.", "predict", "alpha")]
    [InlineData("alpha has no network 'alpha_lagre'. Did you mean alpha_large", "predict", "alpha", "--variant", "alpha_lagre")]
    public void Wrong_use_is_one_line_on_the_error_stream_and_exits_with_2(string fault, params string[] arguments)
    {
        var outcome = CommandLine.Run(arguments);
        Assert.Equal(2, outcome.Status);
        Assert.StartsWith($"sconce: {fault}", outcome.Error);
        Assert.Equal(1, outcome.Error.Count(letter => letter == '\n'));
        Assert.Empty(outcome.Out);
    }

    [Fact]
    public void A_failure_is_one_line_and_exits_with_1()
    {
        using var folder = new TemporaryFolder();
        var outcome = CommandLine.Run("claim", "delta", "--out", folder.Path);
        Assert.Equal(1, outcome.Status);
        Assert.Equal("sconce: the loss is NaN at step 3: lower the rate\n", outcome.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_damaged_checkpoint_is_a_failure_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("page.pth", "<html>not found</html>");
        var outcome = CommandLine.Run("weights", file);
        Assert.Equal(1, outcome.Status);
        Assert.Contains(file, outcome.Error);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("claim")]
    [InlineData("predict")]
    [InlineData("weights")]
    [InlineData("weights", "pull")]
    [InlineData("export")]
    [InlineData("completion")]
    [InlineData("classify")]
    public void Every_command_teaches_by_examples(params string[] command)
    {
        var outcome = CommandLine.Run([.. command, "--help"]);
        Assert.Equal(0, outcome.Status);
        Assert.Contains("Usage:\n  sconce " + string.Join(' ', command), outcome.Out);
        Assert.Contains("Examples:\n", outcome.Out);
        Assert.Contains($"sconce {string.Join(' ', command)}", outcome.Out.Split("Examples:")[1]);
        Assert.Equal(outcome.Out, CommandLine.Run(["help", .. command]).Out);
    }

    [Fact]
    public void Help_of_a_system_that_predicts_has_its_own_options() =>
        Assert.Contains("--labels <NAMES|FILE>", CommandLine.Run("predict", "alpha", "--help").Out);

    [Fact]
    public void Nothing_typed_is_help()
    {
        var outcome = CommandLine.Run();
        Assert.Equal(0, outcome.Status);
        Assert.Equal(outcome.Out, CommandLine.Run("--help").Out);
        Assert.Contains("sconce [command]", outcome.Out);
    }

    [Fact]
    public void Help_names_every_command_once_and_cuts_no_sentence_within_a_word()
    {
        string[] lines = CommandLine.Run("--help").Out.Split('\n');
        foreach (string name in CommandLine.Run("[suggest:7]", "sconce ").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name is "help" || name.StartsWith('-')) continue;
            string line = Assert.Single(lines, line => line.StartsWith($"  {name} ", StringComparison.Ordinal));
            Assert.DoesNotContain('…', line);
        }
    }

    [Fact]
    public void The_version_is_one_line() => Assert.Matches("^sconce [0-9]+\\.[0-9]+\\.[0-9]+[^ ]*\n$", CommandLine.Run("--version").Out);
}
