using System.Diagnostics;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>The packages as somebody uses them who has no checkout. It takes minutes: a part of the slow tests.</summary>
public sealed class PackageTests
{
    private const string Module = """
        using Sconce.Nn;
        using Sconce.Torch;

        public sealed partial class Hidden : Module<Tensor, Tensor>
        {
            private readonly Linear layer = new(2, 2);

            protected override Tensor Forward(Tensor x) => layer.Call(x);
        }
        """;

    [Fact]
    public void A_fresh_project_takes_the_package_runs_and_is_told_of_a_layer_in_a_field()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1", "SCONCE_SLOW is not 1");
        Assert.SkipUnless(Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet", "there is no SDK here");
        string root = Root();
        using var folder = new TemporaryFolder();
        string feed = Path.Combine(folder.Path, "feed"), project = Path.Combine(folder.Path, "app");
        string version = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}";
        Run(root, Path.Combine(root, "eng", "pack.sh"), "--out", feed, "--version", version);
        foreach (string name in (string[])["Sconce.Torch", "Sconce", "Sconce.Systems", "Sconce.Server", "Sconce.Tool"])
            Assert.True(File.Exists(Path.Combine(feed, $"{name}.{version}.nupkg")), name);

        Run(folder.Path, "dotnet", "new", "console", "-o", project, "--no-restore");
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration><packageSources><add key="local" value="{feed}" /></packageSources></configuration>
            """);
        Run(project, "dotnet", "add", "package", "Sconce.Systems", "--version", version);

        // README's first program, over a network that needs no download.
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        string program = readme.Split("```csharp\n")[1].Split("```")[0]
            .Replace("vit_base_patch16_224", "resnet20", StringComparison.Ordinal)
            .Replace(", weights: \"resnet20.pth\"", "", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(project, "Program.cs"), program);
        new Image(64, 48).Save(Path.Combine(project, "photo.jpg"));
        Assert.Contains("tensor([[", Run(project, "dotnet", "run"));

        // The other blocks of the documentation: those that only compute are run too.
        Run(project, "dotnet", "add", "package", "Sconce.Server", "--version", version);
        foreach (string page in (string[])["coming-from.md", "deploying.md"])
        {
            foreach (string block in File.ReadAllText(Path.Combine(root, "docs", page)).Split("```csharp\n").Skip(1)
                .Select(part => part.Split("```")[0]))
            {
                File.WriteAllText(Path.Combine(project, "Program.cs"), block);
                Run(project, "dotnet", block.Contains("RunAsync", StringComparison.Ordinal) ? "build" : "run");
            }
        }

        File.WriteAllText(Path.Combine(project, "Program.cs"), program);

        // Published with all of .NET, it needs libtorch alone.
        string published = Path.Combine(folder.Path, "published");
        Run(project, "dotnet", "publish", "-c", "Release", "--self-contained", "-r", "linux-x64", "-o", published);
        Run(project, Path.Combine(published, "app"));

        File.WriteAllText(Path.Combine(project, "Hidden.cs"), Module);
        var (status, output) = Try(project, "dotnet", "build");
        Assert.NotEqual(0, status);
        Assert.Contains("SCN105", output);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sconce.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not lie in a checkout");
    }

    private static string Run(string folder, string program, params string[] arguments)
    {
        var (status, output) = Try(folder, program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}:\n{output}");
        return output;
    }

    private static (int Status, string Output) Try(string folder, string program, params string[] arguments)
    {
        var start =
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment.Remove("SCONCE_NATIVE");
        if (program.EndsWith("pack.sh", StringComparison.Ordinal))
            start.Environment["SCONCE_NATIVE"] = Environment.GetEnvironmentVariable("SCONCE_NATIVE");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
