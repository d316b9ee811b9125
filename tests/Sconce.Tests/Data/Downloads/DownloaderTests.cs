using System.Security.Cryptography;
using Sconce.Data.Downloads;
using Sconce.Tests.Weights;
using Xunit;

namespace Sconce.Tests.Data.Downloads;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private static readonly DownloadOptions Quick = new() { Sha256 = Hash, RetryPause = TimeSpan.FromMilliseconds(1) };
    private readonly TemporaryFolder folder = new();

    private string Target => folder.File("file.bin");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_comes_whole_is_checked_and_is_asked_for_only_once()
    {
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        var reports = new List<WorkProgress>();
        var first = await downloader.DownloadAsync(server.Address(), Target, Quick, new Now<WorkProgress>(reports.Add));
        Assert.Equal(new DownloadResult(Target, Content.Length, Hash, true, Content.Length), first);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal((Content.Length, Content.Length), (reports[^1].Done, reports[^1].Total));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));

        var second = await downloader.DownloadAsync(server.Address(), Target, Quick with { Sha256 = Hash[..8].ToUpperInvariant() });
        Assert.Equal(0, second.BytesReceived);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_cut_connection_is_taken_up_where_it_ended()
    {
        int cuts = 0;
        using var server = new LocalServer(request =>
        {
            byte[] all = LocalServer.Whole(request, Content);
            return ++cuts <= 3 ? all[..^(all.Length / 2)] : all;
        });
        using var downloader = new Downloader();
        var result = await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(4, server.Requests.Count);
        Assert.InRange(server.Requests[1].From!.Value, 100_000, 160_000);
        Assert.Equal(Content.Length, result.BytesReceived);
    }

    [Fact]
    public async Task A_later_call_goes_on_with_what_an_earlier_one_left()
    {
        bool cut = true;
        using var server = new LocalServer(request =>
        {
            byte[] all = LocalServer.Whole(request, Content);
            return cut ? all[..200_000] : all;
        });
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() =>
            downloader.DownloadAsync(server.Address(), Target, Quick with { Retries = 0 }));
        Assert.Contains("the same call goes on from there", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
        cut = false;
        var result = await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.InRange(result.BytesReceived, 100_000, 101_000);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_begun_again_not_mixed()
    {
        byte[] old = RandomNumberGenerator.GetBytes(300_000);
        bool changed = false;
        using var server = new LocalServer(request => changed
            ? LocalServer.Whole(request, Content, "\"v2\"") : LocalServer.Whole(request, old, "\"v1\"")[..150_000]);
        using var downloader = new Downloader();
        await Assert.ThrowsAsync<DownloadException>(() =>
            downloader.DownloadAsync(server.Address(), Target, new DownloadOptions { Retries = 0 }));
        changed = true;
        var result = await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(Content.Length, result.BytesReceived);
    }

    [Fact]
    public async Task A_wrong_checksum_names_both_and_leaves_the_old_file()
    {
        await File.WriteAllTextAsync(Target, "old");
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() =>
            downloader.DownloadAsync(server.Address(), Target, Quick with { Sha256 = "00000000" }));
        Assert.Contains(Hash, error.Message, StringComparison.Ordinal);
        Assert.Contains("00000000", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", await File.ReadAllTextAsync(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_replaced()
    {
        await File.WriteAllTextAsync(Target, "damaged");
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Theory]
    [InlineData("404 Not Found", "its publisher's page")]
    [InlineData("403 Forbidden", "with a browser")]
    public async Task A_refusal_is_final_and_says_what_to_do(string status, string help)
    {
        using var server = new LocalServer(_ => LocalServer.Answer(status, [], "Content-Length: 0"));
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, Quick));
        Assert.Contains(status, error.Message, StringComparison.Ordinal);
        Assert.Contains(help, error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address().ToString(), error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        int asked = 0;
        using var server = new LocalServer(request => ++asked < 3
            ? LocalServer.Answer("503 Service Unavailable", [], "Content-Length: 0") : LocalServer.Whole(request, Content));
        using var downloader = new Downloader();
        await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_web_page_in_place_of_a_file_is_no_file()
    {
        using var server = new LocalServer(_ =>
            LocalServer.Answer("200 OK", "<html>sign in</html>"u8.ToArray(), "Content-Type: text/html; charset=utf-8"));
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target));
        Assert.Contains("web page", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_full_disk_is_seen_before_anything_is_written()
    {
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader { FreeSpace = _ => 1000 };
        var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, Quick));
        Assert.Contains("300,000 bytes are needed", error.Message, StringComparison.Ordinal);
        Assert.Contains("SCONCE_CACHE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_length_or_above_the_limit_is_not_taken()
    {
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        Assert.Contains("299,999",
            (await Assert.ThrowsAsync<DownloadException>(() =>
                downloader.DownloadAsync(server.Address(), Target, Quick with { Length = 299_999 }))).Message, StringComparison.Ordinal);
        Assert.Contains("allowed",
            (await Assert.ThrowsAsync<DownloadException>(() =>
                downloader.DownloadAsync(server.Address(), Target, Quick with { LengthLimit = 1000 }))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task Two_downloads_of_the_same_file_at_once_are_an_error_not_a_mixture()
    {
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        using (new FileStream(Target + ".partial", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, Quick));
            Assert.Contains("another process", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_came()
    {
        using var cancellation = new CancellationTokenSource();
        using var server = LocalServer.Of(Content);
        using var downloader = new Downloader();
        var progress = new Now<WorkProgress>(report =>
        {
            if (report.Done > 100_000) cancellation.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            downloader.DownloadAsync(server.Address(), Target, Quick, progress, cancellation.Token));
        var result = await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.InRange(result.BytesReceived, 1, 200_000);
    }

    [Fact]
    public async Task Only_web_addresses_are_downloaded()
    {
        using var downloader = new Downloader();
        await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(new Uri("file:///etc/passwd"), Target));
    }

    [Theory]
    [InlineData("file:///etc/passwd", "no http or https address")]
    [InlineData("ftp://127.0.0.1/file.bin", "no http or https address")]
    [InlineData("http://[", "no http or https address")]
    [InlineData("", "no http or https address")]
    [InlineData("/again", "more than 10 times")]
    public async Task A_redirection_is_followed_only_to_the_web_and_not_for_ever(string location, string fault)
    {
        using var server = new LocalServer(_ => LocalServer.Answer("302 Found", [], "Content-Length: 0", $"Location: {location}"));
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, Quick));
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_redirection_to_another_place_is_followed_and_goes_on_after_a_cut()
    {
        int asked = 0;
        using var server = new LocalServer(request =>
        {
            if (request.Path == "/file.bin")
                return LocalServer.Answer("307 Temporary Redirect", [], "Content-Length: 0", "Location: /elsewhere/file.bin");
            byte[] all = LocalServer.Whole(request, Content);
            return ++asked == 1 ? all[..^1000] : all;
        });
        using var downloader = new Downloader();
        await downloader.DownloadAsync(server.Address(), Target, Quick);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.NotNull(server.Requests[^1].From);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_file_is_not_called_whole_because_the_server_now_says_so(bool laterCall)
    {
        using var server = new LocalServer(request => request.From is null
            ? LocalServer.Answer("200 OK", Content[..5], "Content-Length: 10", "ETag: \"a\"")
            : LocalServer.Answer("416 Range Not Satisfiable", [], "Content-Range: bytes */5", "Content-Length: 0"));
        var options = new DownloadOptions { Retries = laterCall ? 0 : 2, RetryPause = TimeSpan.FromMilliseconds(1) };
        using var downloader = new Downloader();
        for (int call = 0; call < 2; call++)
        {
            await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, options));
            Assert.False(File.Exists(Target));
        }
    }

    [Fact]
    public async Task A_server_that_sends_a_byte_now_and_then_counts_as_silent()
    {
        using var server = new LocalServer(request => LocalServer.Whole(request, Content)) { Drip = TimeSpan.FromMilliseconds(20) };
        using var downloader = new Downloader();
        var options = Quick with { Silence = TimeSpan.FromMilliseconds(400), Retries = 1 };
        var error = await Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address(), Target, options));
        Assert.Contains("fewer than 500 bytes a second", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_a_length_is_held_to_what_is_expected_and_to_the_disk()
    {
        byte[] endless = LocalServer.Answer("200 OK", new byte[40 << 20], "ETag: \"a\"");
        using var server = new LocalServer(_ => endless);
        using var downloader = new Downloader();
        var error = await Assert.ThrowsAsync<DownloadException>(() =>
            downloader.DownloadAsync(server.Address(), Target, new DownloadOptions { Length = 1000 }));
        Assert.Contains("longer than the 1,000 bytes expected", error.Message, StringComparison.Ordinal);
        using var full = new Downloader { FreeSpace = _ => 1 << 20 };
        error = await Assert.ThrowsAsync<DownloadException>(() => full.DownloadAsync(server.Address(), Target));
        Assert.Contains("no space is left", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/at/all", "/nowhere/at/all/.cache/sconce")]
    [InlineData("here", null)]
    public void Without_a_home_the_cache_is_not_in_the_current_folder(string home, string? expected)
    {
        string[] names = [CacheFolder.Variable, "XDG_CACHE_HOME", "HOME"];
        string?[] before = [.. names.Select(Environment.GetEnvironmentVariable)];
        try
        {
            foreach (string name in names) Environment.SetEnvironmentVariable(name, name == "HOME" ? home : null);
            if (expected is null) Assert.Contains(CacheFolder.Variable,
                Assert.Throws<DirectoryNotFoundException>(() => CacheFolder.Path).Message, StringComparison.Ordinal);
            else Assert.Equal(expected, CacheFolder.Path);
        }
        finally
        {
            foreach (var (name, value) in names.Zip(before)) Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Fact]
    public void The_cache_folder_is_the_variables_or_XDGs()
    {
        string? own = Environment.GetEnvironmentVariable(CacheFolder.Variable),
            cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        try
        {
            Environment.SetEnvironmentVariable(CacheFolder.Variable, folder.Path);
            Assert.Equal(Path.Combine(folder.Path, "weights"), CacheFolder.Of("weights"));
            Environment.SetEnvironmentVariable(CacheFolder.Variable, null);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", "/var/cache/me");
            Assert.Equal("/var/cache/me/sconce", CacheFolder.Path);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CacheFolder.Variable, own);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
        }
    }

    /// <summary>Reports on the reporting thread, in order.</summary>
    private sealed class Now<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
