using System.Text;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Files;

namespace Sconce.Reports;

/// <summary>Writes what a claim came to: <c>report.html</c>, one page for people that opens offline, and <c>result.json</c>, the same for
/// programs.</summary>
public static class ClaimReport
{
    /// <summary>The page's name in its folder.</summary>
    public const string Page = "report.html";

    /// <summary>The figures' name in their folder.</summary>
    public const string Result = "result.json";

    /// <summary>The name of the network that the method trained.</summary>
    public const string Network = "network.ckpt";

    /// <summary>
    /// Writes both files, and the network where the claim trained one, each beside its target and then renamed, so that each name holds the
    /// old content or the new.
    /// </summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="system">Whose claim it is.</param>
    /// <param name="claim">What was claimed.</param>
    /// <param name="result">What came out.</param>
    /// <param name="options">How it was run.</param>
    /// <param name="duration">How long it took.</param>
    /// <returns>What <c>result.json</c> holds.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static ClaimRecord Write(string folder, CatalogueSystem system, Claim claim, ClaimResult result, ClaimOptions options,
        TimeSpan duration)
    {
        Directory.CreateDirectory(folder);
        string network = Path.Combine(folder, Network);
        if (result.Network is { } trained) AtomicFile.Write(network, trained.Content);
        else File.Delete(network);   // one of an earlier run would not be this page's
        return Write(folder, system.Card, Record(system.Card, claim, options, duration, result.Verdict, result.Reason) with
        {
            Rows = [.. result.Rows.Select(RowRecord.Of)],
            Checks = [.. result.Checks.Select(RowRecord.Of)],
            Curves = [.. result.Curves.Select(curve => new CurveRecord(curve.Chart, curve.Name, curve.X, curve.Y))],
            Configuration = [.. result.Configuration.Select(setting => new NamedValue(setting.Name, setting.Value))],
        }, result.Pictures, result.Network is not null ? $"What the method trained is {Network}, beside this page."
            : claim.KeepsNone is { } reason ? $"No network is kept. {reason}" : null);
    }

    /// <summary>Writes that a claim could not be run, so that the ledger says so too.</summary>
    /// <inheritdoc cref="Write(string, CatalogueSystem, Claim, ClaimResult, ClaimOptions, TimeSpan)"/>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="system">Whose claim it is.</param>
    /// <param name="claim">What was claimed.</param>
    /// <param name="error">What went wrong, in one line.</param>
    /// <param name="options">How it was run.</param>
    /// <param name="duration">How long it took.</param>
    public static ClaimRecord WriteFailure(string folder, CatalogueSystem system, Claim claim, string error, ClaimOptions options,
        TimeSpan duration) =>
        Write(folder, system.Card, Record(system.Card, claim, options, duration, null, error), [], null);

    private static ClaimRecord Record(SystemCard card, Claim claim, ClaimOptions options, TimeSpan duration, Verdict? verdict,
        string reason) => new(
        card.Name, card.Title, card.Newsletter, claim.Statement, claim.Rule, verdict, reason, DateTimeOffset.Now,
        Math.Round(duration.TotalSeconds, 2), options.Quick,
        claim.Seeds(options).Count, options.FirstSeed, options.Data, [], [], [], RunVersions.Collect());

    private static ClaimRecord Write(
        string folder, SystemCard card, ClaimRecord record, IReadOnlyList<ClaimPicture> pictures, string? kept)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, Page), Encoding.UTF8.GetBytes(ReportPage.Render(card, record, pictures, kept)));
        AtomicFile.Write(Path.Combine(folder, Result), record.ToJson());
        return record;
    }
}
