using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Sconce.Data;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>The library says what is wrong in its own terms; the command adds what to type.</summary>
public sealed partial class WordsTests
{
    private static readonly string[] Rooms = ["Sconce", "Sconce.Torch", "Sconce.Systems"];

    [Fact]
    public void No_text_of_the_library_speaks_of_the_command_line_or_of_its_own_types()
    {
        string? root = Root();
        Assert.SkipWhen(root is null, "the sources are not here");
        var files = Rooms
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(root!, "src", room), "*.cs", SearchOption.AllDirectories)).ToList();
        Assert.True(files.Count > 100);
        var found = files.SelectMany(file => Said(file).Select(text => $"{Path.GetRelativePath(root!, file)}: {text}")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("throw new UsageException(\"--data is missing\");", true)]
    [InlineData("throw new UsageException($\"{name} is none ('sconce list --models' names them)\");", true)]
    [InlineData("const string TooMuch = \"raise CheckpointOptions.Limits\";", true)]
    [InlineData("const string Advice = \"leave them out with FaultPolicy.Skip\";", true)]
    [InlineData("// \"--data\" is typed", false)]
    [InlineData("string file = $\"{drop}-sd_{drop}--imagenet2012\";", false)]
    [InlineData("const string Format = \"sconce run 2\";", false)]
    [InlineData("string cell = $\"<td style=\\\"--share: {share}\\\">\";", false)]
    [InlineData("Run(\"--build\", folder);", false)]
    public void The_rule_finds_what_it_is_for(string line, bool isFault) => Assert.Equal(isFault, Faults([line]).Any());

    [Fact]
    public void A_setting_is_called_by_its_option_on_the_command_line_and_as_it_is_in_a_file()
    {
        var fault = new SettingsException("labelsPerClass", called => $"{called} 10: 'blue' has 9 pictures");
        Assert.Equal("--labels-per-class 10: 'blue' has 9 pictures", Cli.Faults.Line(fault));
        Assert.Equal("config.json: labelsPerClass 10: 'blue' has 9 pictures", Cli.Faults.Line(fault.In("config.json")));
    }

    [Theory]
    [InlineData(Remedy.LeaveOut, "--skip-broken")]
    [InlineData(Remedy.OtherFolder, "--out")]
    [InlineData(Remedy.StartFromWeights, "--pretrained")]
    [InlineData(Remedy.KnownNetworks, "sconce list --models")]
    [InlineData(Remedy.NameWeights, "--weights")]
    [InlineData(Remedy.Prefix, "--prefix")]
    [InlineData(Remedy.Wrapper, "--wrapper")]
    public void What_would_help_becomes_what_to_type(Remedy remedy, string typed)
    {
        Exception[] faults =
        [
            new UsageException("no") { Remedy = remedy }, new DataException("a.png", "no") { Remedy = remedy },
            new TrainingException("no") { Remedy = remedy }, new CheckpointException("a.pth", "no") { Remedy = remedy },
        ];
        Assert.All(faults, fault => Assert.Contains(typed, Cli.Faults.Line(fault), StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain("--", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_remedy_has_its_words() => Assert.All(
        Enum.GetValues<Remedy>(),
        remedy => Assert.Equal(remedy != Remedy.None, Advice.For(new UsageException("no") { Remedy = remedy }).Length > 0));

    private static IEnumerable<string> Said(string file) => Faults(File.ReadLines(file));

    /// <summary>Literals that offend; the examples of abilities and methods are lines to be typed, an entry a line.</summary>
    private static IEnumerable<string> Faults(IEnumerable<string> lines)
    {
        bool isExample = false;
        foreach (string line in lines)
        {
            string text = line.Trim();
            if (text.Contains(" Examples ", StringComparison.Ordinal)) isExample = true;
            if (!isExample && !text.StartsWith("//", StringComparison.Ordinal))
            {
                foreach (Match literal in Literal().Matches(text).Where(one => Offending().IsMatch(one.Value)))
                    yield return literal.Value;
            }

            if (text.EndsWith(';')) isExample = false;
        }
    }

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex Literal();

    [GeneratedRegex(
        @"\bsconce (list|show|train|predict|weights|eval|features|embed|classify|detect|export|claim|serve)\b|"
        + @"(?<!style=\\""|[\w}])--(?!build""|parallel"")[a-z][a-z-]+|StripPrefix|ApplyOrientation|FaultPolicy|ImageList|"
        + @"BoxFaults\.|ChecksumScope\.|\b(Checkpoint|Image|Load|Model|DataLoader)Options\.")]
    private static partial Regex Offending();

    private static string? Root([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
        return Directory.Exists(Path.Combine(root, "src", "Sconce")) ? root : null;
    }
}
