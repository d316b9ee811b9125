using System.Security.Cryptography;
using Sconce.Catalogue;
using Sconce.Data.Downloads;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Tests.Data.Downloads;
using Xunit;

namespace Sconce.Cli.Tests;

public sealed class PullTests : IDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(50_000);
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable(CacheFolder.Variable);

    public PullTests() => Environment.SetEnvironmentVariable(CacheFolder.Variable, folder.Path);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(CacheFolder.Variable, before);
        folder.Dispose();
    }

    [Fact]
    public void Weights_come_into_the_cache_once_and_are_checked()
    {
        using var server = LocalServer.Of(Content);
        var first = Run(server, Hash[..8], "net", "--json").Json;
        string file = first.GetProperty("file").GetString()!;
        Assert.StartsWith(Path.Combine(folder.Path, "weights"), file, StringComparison.Ordinal);
        Assert.Equal(Content, File.ReadAllBytes(file));
        Assert.Equal(Hash, first.GetProperty("sha256").GetString());
        Assert.True(first.GetProperty("verified").GetBoolean());
        var second = Run(server, Hash[..8], "net");
        Assert.StartsWith(file, second.Out, StringComparison.Ordinal);
        Assert.Contains("was there already", second.Out, StringComparison.Ordinal);
        Assert.Contains("against the 8 digits published", second.Out, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Weights_without_a_published_checksum_say_that_nothing_was_checked()
    {
        using var server = LocalServer.Of(Content);
        Assert.Contains("no checksum is published", Run(server, "", "net").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_checksum_is_a_failure_and_leaves_nothing()
    {
        using var server = LocalServer.Of(Content);
        var outcome = Run(server, "abcdef", "net");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("does not begin with the published abcdef", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_is_not_published_or_not_named_well_is_one_line()
    {
        using var server = LocalServer.Of(Content);
        Assert.Contains("no official weights of bare are known", Run(server, "", "bare").Error, StringComparison.Ordinal);
        Assert.Contains("it has net.pth", Run(server, "", "net", "--file", "zzz").Error, StringComparison.Ordinal);
        var outcome = CommandLine.Run("weights", "pull", "alpha_smal");
        Assert.Equal(2, outcome.Status);
        Assert.Contains("did you mean alpha_small", outcome.Error, StringComparison.Ordinal);
    }

    private static Ran Run(LocalServer server, string hash, params string[] arguments) =>
        Ran.Of([new OneNetwork(server.Address("models/net.pth"), hash)], ["weights", "pull", .. arguments]);

    private sealed class OneNetwork(Uri address, string hash) : CatalogueSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("one", "One", "2021-W07", SystemTask.Classification, "One network.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("net", "published", _ => new Linear(2, 2)) { Weights = [new OfficialWeights(address, hash, "MIT")] },
            new("bare", "not published", _ => new Linear(2, 2)),
        ];
    }
}
