using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>The tutorials as a reader follows them: every command and every program of theirs, one after the other, in one folder. Each
/// program is built first, so they are part of the slow tests.</summary>
public sealed class TutorialTests
{
    private const int Side = 96;

    [Theory]
    [InlineData("inspect")]
    [InlineData("classify")]
    [InlineData("generator")]
    [InlineData("paper")]
    public void What_a_tutorial_says_can_be_typed(string name)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1", "SCONCE_SLOW is not 1");
        Assert.SkipUnless(Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet", "there is no SDK here");
        using var folder = new TemporaryFolder();
        Furnish(folder.Path);
        string before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(folder.Path);
        try
        {
            int blocks = 0;
            foreach (var (language, text) in Blocks(File.ReadAllText(Path.Combine(Root(), "docs", "tutorials", name + ".md"))))
            {
                if (language == "sh") Type(text);
                else Program(folder.Path, $"{name}{blocks}", text);
                blocks++;
            }

            Assert.True(blocks > 0);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Fact]
    public void Every_tutorial_is_tried_and_leads_to_pages_that_are_there()
    {
        string place = Path.Combine(Root(), "docs", "tutorials");
        var tried = typeof(TutorialTests).GetMethod(nameof(What_a_tutorial_says_can_be_typed))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(one => (string)one.Data[0]!);
        Assert.Equal(tried.Order(), Directory.GetFiles(place, "*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order());
        foreach (string file in Directory.GetFiles(place, "*.md"))
        {
            foreach (string link in File.ReadAllText(file).Split("](").Skip(1).Select(rest => rest.Split(')', '#')[0]))
            {
                if (link.StartsWith("http", StringComparison.Ordinal)) continue;
                Assert.True(File.Exists(Path.Combine(place, link)), $"{file}: {link}");
            }
        }
    }

    /// <summary>The blocks of code with their languages, in order.</summary>
    private static IEnumerable<(string Language, string Text)> Blocks(string page)
    {
        string[] parts = page.Split("```");
        for (int k = 1; k < parts.Length; k += 2)
        {
            int end = parts[k].IndexOf('\n', StringComparison.Ordinal);
            yield return (parts[k][..end].Trim(), parts[k][(end + 1)..]);
        }
    }

    private static void Type(string block)
    {
        foreach (string line in block.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Assert.StartsWith("sconce ", line, StringComparison.Ordinal);
            var (output, error) = (new StringWriter(), new StringWriter());
            int status = Application.Run(line.Split(' ')[1..], Systems.Catalogue.Systems, new Terminal(output, error));
            Assert.True(status == 0, $"{line} ended with {status}: {output}{error}");
        }
    }

    private static void Program(string folder, string name, string text)
    {
        string root = Root(), place = Path.Combine(folder, "programs", name);
        Directory.CreateDirectory(place);
        // A project over the package has the generator from it; one over sources names it.
        File.WriteAllText(Path.Combine(place, "Directory.Build.props"), $"""
            <Project>
              <Import Project="{root}/samples/Directory.Build.props" />
              <ItemGroup>
                <ProjectReference Include="{root}/src/Sconce.Generators/Sconce.Generators.csproj" OutputItemType="Analyzer" ReferenceOutputAssembly="false" />
              </ItemGroup>
            </Project>
            """);
        string file = Path.Combine(place, name + ".cs");
        File.WriteAllText(file, $"#:project {root}/src/Sconce.Systems/Sconce.Systems.csproj\n{text}");
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["run", "-c", "Release", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {output}{error.Result}");
        Assert.NotEqual("", output);
    }

    /// <summary>Parts, good and scratched, in the folders that the tutorials speak of.</summary>
    private static void Furnish(string folder)
    {
        for (int k = 0; k < 8; k++)
        {
            foreach (string place in (string[])["parts/good", "photos/good"]) Part(Path.Combine(folder, place, $"{k}.png"), k, false);
            Part(Path.Combine(folder, "photos/scratched", $"{k}.png"), k, true);
        }

        for (int k = 0; k < 2; k++)
        {
            Part(Path.Combine(folder, "parts/scratch", $"{k}.png"), k, true);
            foreach (string place in (string[])["camera", "new"]) Part(Path.Combine(folder, place, $"{k}.png"), 8 + k, k == 1);
        }

        Part(Path.Combine(folder, "photo.png"), 10, true);
    }

    private static void Part(string path, int seed, bool isBad)
    {
        var random = new Random(seed);
        int x = 45 + random.Next(6), y = 45 + random.Next(6);
        var image = new Image(Side, Side);
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double away = Math.Sqrt(((column - x) * (column - x)) + ((row - y) * (row - y)));
                int value = away > 36 ? 50 : isBad && Math.Abs(row - column) < 3 ? 235 : 150 + random.Next(12);
                image.Pixels.Slice(3 * ((row * Side) + column), 3).Fill((byte)value);
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        image.Save(path);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
