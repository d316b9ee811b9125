using Sconce.Claims;
using Sconce.Systems.Generation.Cips;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Systems.Generation.Osgan;
using Sconce.Systems.Generation.Swagan;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Claims of generators: a quick run proves nothing, and each rule can fail.</summary>
[Collection(LiveTensors.Name)]
public sealed class GenerationClaimTests
{
    private const string Fine = "fine detail not painted", Likeness = "PSNR, dB", Parts = "parts equal the whole", Distance = "distance";

    public static TheoryData<Claim, int> Quick => new()
    {
        { new SwaganClaim(), 4 }, { new OsganClaim(), 7 }, { new GanTicketsClaim(), 6 }, { new CipsClaim(), 2 },
    };

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Quick), DisableDiscoveryEnumeration = true)]
    public void A_quick_run_proves_nothing(Claim claim, int rows)
    {
        var result = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Undecided, rows), (result.Verdict, result.Rows.Count));
        Assert.All(result.Rows, row => Assert.True(double.IsFinite(row.Mean), row.Metric));
    }

    [Theory]
    [InlineData(0.4, Verdict.Holds)]
    [InlineData(0.6, Verdict.DoesNotHold)]
    public void Bands_leave_at_most_half_of_what_pixels_leave(double bands, Verdict expected) =>
        Judge(new SwaganClaim(), expected, [Row("StyleGAN2", Fine, 1), Row("SWAGAN", Fine, bands)]);

    [Theory]
    [InlineData(24.5, 1, Verdict.Holds)]
    [InlineData(23.5, 1, Verdict.DoesNotHold)]
    [InlineData(24.5, 0, Verdict.DoesNotHold)]
    public void The_embedding_gains_four_decibels_and_pixels_are_independent(double complete, double equal, Verdict expected) => Judge(
        new CipsClaim(),
        expected,
        [Row("complete", Likeness, complete), Row("without the embedding", Likeness, 20), Row("complete", Parts, equal)]);

    [Theory]
    [InlineData(1e-6, 140, 7, Verdict.Holds)]
    [InlineData(1e-4, 140, 7, Verdict.DoesNotHold)]
    [InlineData(1e-6, 170, 7, Verdict.DoesNotHold)]
    [InlineData(1e-6, 140, 6, Verdict.DoesNotHold)]
    public void One_stage_is_exact_faster_and_no_worse(double difference, double time, double modes, Verdict expected) => Judge(
        new OsganClaim(),
        expected,
        [
            Row("DCGAN", "gradients' difference", difference),
            Row("two stages", "CPU ms a step", 200), Row("one stage", "CPU ms a step", time),
            Row("two stages", "modes hit of 8", 8), Row("one stage", "modes hit of 8", modes),
            Row("two stages", "samples within 3 σ", 0.8), Row("one stage", "samples within 3 σ", 0.8),
        ]);

    [Theory]
    [InlineData(1.9, 1.0, 1, Verdict.Holds)]
    [InlineData(2.1, 1.0, 1, Verdict.DoesNotHold)]
    [InlineData(1.9, 1.6, 1, Verdict.DoesNotHold)]
    [InlineData(1.9, 1.0, 0, Verdict.DoesNotHold)]
    public void A_ticket_is_no_worse_and_keeps_what_moved_features_gain(
        double ticket, double moved, double sound, Verdict expected) => Judge(
        new GanTicketsClaim(),
        expected,
        [
            Row("all weights", Distance, 2), Row("all weights, AdvAug", Distance, 0.9), Row("ticket", Distance, ticket),
            Row("ticket, AdvAug", Distance, moved), Row("ticket", "weights left", 0.16), Row("ticket", "sound", sound),
        ]);

    private static void Judge(Claim claim, Verdict expected, IReadOnlyList<ClaimRow> rows)
    {
        var seed = new SeedResult(rows);
        Assert.Equal(expected, claim.Together([seed, seed], new ClaimOptions()).Verdict);
    }

    private static ClaimRow Row(string arm, string metric, double value) => new(arm, metric, [value]);
}
